// title: New datasets and benchmarks
// answers: Which papers introduce a dataset or benchmark, the latest first?
// param: limit INT = 20 -- how many rows
// columns: dataset, type, paper, title, published, evidence
MATCH (p:Paper)-[r:INTRODUCES]->(d:Dataset|Benchmark)
RETURN d.name AS dataset, d.type AS type, p.id AS paper, p.title AS title, p.published AS published,
  r.evidence AS evidence
ORDER BY published IS NULL, published DESC, paper, dataset
LIMIT $limit
