// title: Most used methods
// answers: Which methods do most papers introduce, use, compare with or mention?
// param: named BOOL = true -- only names coined for one thing, no generic terms
// param: limit INT = 20 -- how many rows
// columns: method, papers, introducing, using, comparing, mentioning
MATCH (p:Paper)-[r:INTRODUCES|USES|COMPARES_WITH|MENTIONS]->(m:Method)
WHERE m.named OR NOT $named
WITH m, p, type(r) AS role
RETURN m.name AS method, count(DISTINCT p.id) AS papers,
  sum(CASE WHEN role = 'INTRODUCES' THEN 1 ELSE 0 END) AS introducing,
  sum(CASE WHEN role = 'USES' THEN 1 ELSE 0 END) AS using,
  sum(CASE WHEN role = 'COMPARES_WITH' THEN 1 ELSE 0 END) AS comparing,
  sum(CASE WHEN role = 'MENTIONS' THEN 1 ELSE 0 END) AS mentioning
ORDER BY papers DESC, method
LIMIT $limit
