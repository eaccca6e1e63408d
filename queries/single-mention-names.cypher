// title: Names of a single paper
// answers: Which names does one paper only have, the least certain first (to find missed aliases and mistakes)?
// param: limit INT = 50 -- how many rows
// columns: entity, type, role, confidence, paper, evidence
MATCH (p:Paper)-[r:INTRODUCES|USES|EVALUATES_ON|COMPARES_WITH|ADDRESSES|MEASURES|MENTIONS]->
  (e:Method|Dataset|Benchmark|Task|Metric)
WHERE e.papers = 1 AND e.named
RETURN e.name AS entity, e.type AS type, type(r) AS role, r.confidence AS confidence, p.id AS paper,
  r.evidence AS evidence
ORDER BY confidence, entity, type, paper
LIMIT $limit
