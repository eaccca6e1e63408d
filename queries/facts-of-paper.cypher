// title: Facts of a paper
// answers: Which entities does this paper have, in which role, and by which sentence?
// param: paper STRING -- id, arXiv id or whole title of a paper, upper or lower case
// param: limit INT = 200 -- how many rows
// columns: role, type, entity, confidence, evidence
// example: paper=2501.90001
MATCH (p:Paper)
WHERE p.arxiv_id = $paper OR lower(p.id) = lower($paper) OR lower(p.title) = lower($paper)
MATCH (p)-[r:INTRODUCES|USES|EVALUATES_ON|COMPARES_WITH|ADDRESSES|MEASURES|MENTIONS]->
  (e:Method|Dataset|Benchmark|Task|Metric)
RETURN type(r) AS role, e.type AS type, e.name AS entity, r.confidence AS confidence, r.evidence AS evidence
ORDER BY role, type, entity
LIMIT $limit
