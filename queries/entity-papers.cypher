// title: Papers of an entity
// answers: Which papers have this entity, in which role, and by which sentence?
// param: name STRING -- name or alias of an entity, upper or lower case
// param: limit INT = 100 -- how many rows
// columns: entity, type, role, paper, title, published, evidence
// example: name=Oxbow-2
MATCH (e:Method|Dataset|Benchmark|Task|Metric)
UNWIND e.aliases + [e.name] AS alias
WITH e, alias
WHERE lower(alias) = lower($name)
WITH DISTINCT e
MATCH (p:Paper)-[r:INTRODUCES|USES|EVALUATES_ON|COMPARES_WITH|ADDRESSES|MEASURES|MENTIONS]->(e)
RETURN e.name AS entity, e.type AS type, type(r) AS role, p.id AS paper, p.title AS title, p.published AS published,
  r.evidence AS evidence
ORDER BY entity, type, published IS NULL, published DESC, paper, role
LIMIT $limit
