// title: Methods evaluated on a benchmark
// answers: Which methods have results on this benchmark or dataset, and where does a paper say so?
// param: benchmark STRING -- name or alias of a benchmark or dataset, upper or lower case
// param: limit INT = 20 -- how many rows
// columns: benchmark, method, papers, evidence
// example: benchmark=RULER
MATCH (b:Benchmark|Dataset)
UNWIND b.aliases + [b.name] AS alias
WITH b, alias
WHERE lower(alias) = lower($benchmark)
WITH DISTINCT b
MATCH (m:Method)-[r:EVALUATED_ON]->(b)
RETURN b.name AS benchmark, m.name AS method, r.count AS papers, r.evidence AS evidence
ORDER BY papers DESC, method, benchmark
LIMIT $limit
