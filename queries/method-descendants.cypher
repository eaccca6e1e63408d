// title: What builds on a method
// answers: Which methods build on this one, and which build on those, step by step?
// param: method STRING -- name or alias of a method, upper or lower case
// param: hops INT = 3 -- how many steps away, at most 6
// param: limit INT = 50 -- how many rows
// columns: hops, method, builds_on, papers, evidence
// example: method=DiT
MATCH (m:Method)
UNWIND m.aliases + [m.name] AS alias
WITH m, alias
WHERE lower(alias) = lower($method)
WITH DISTINCT m
MATCH path = (b:Method)-[r:BUILDS_ON]->(a:Method)-[:BUILDS_ON*0..5]->(m)
WHERE length(path) <= $hops
WITH a, b, r, min(length(path)) AS hops
RETURN hops, b.name AS method, a.name AS builds_on, r.count AS papers, r.evidence AS evidence
ORDER BY hops, method, builds_on
LIMIT $limit
