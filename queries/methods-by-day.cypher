// title: Methods by day
// answers: How many papers of each day have the methods that most dated papers have?
// param: methods INT = 8 -- how many methods
// param: named BOOL = true -- only names coined for one thing, no generic terms
// param: limit INT = 200 -- how many rows
// columns: day, method, papers
MATCH (p:Paper)-[:INTRODUCES|USES|COMPARES_WITH|MENTIONS]->(m:Method)
WHERE p.published IS NOT NULL AND (m.named OR NOT $named)
WITH m, count(DISTINCT p.id) AS all_papers
ORDER BY all_papers DESC, m.name
LIMIT $methods
MATCH (p:Paper)-[:INTRODUCES|USES|COMPARES_WITH|MENTIONS]->(m)
WHERE p.published IS NOT NULL
RETURN toString(p.published) AS day, m.name AS method, count(DISTINCT p.id) AS papers
ORDER BY day DESC, papers DESC, method
LIMIT $limit
