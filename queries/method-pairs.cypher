// title: Pairs of methods
// answers: Which of the most used methods stand in the same papers, and in how many (a method with itself: in all)?
// param: methods INT = 20 -- among how many of the most used methods
// param: named BOOL = true -- only names coined for one thing, no generic terms
// param: limit INT = 210 -- how many rows
// columns: method, other, papers
MATCH (p:Paper)-[:INTRODUCES|USES|COMPARES_WITH|MENTIONS]->(m:Method)
WHERE m.named OR NOT $named
WITH m, count(DISTINCT p.id) AS papers
ORDER BY papers DESC, m.name
LIMIT $methods
UNWIND [m.id] AS id // without this line, Ladybug 0.22 forgets the order and takes any methods
WITH collect(id) AS ids
MATCH (p:Paper)-[:INTRODUCES|USES|COMPARES_WITH|MENTIONS]->(a:Method)
WHERE a.id IN ids
MATCH (p)-[:INTRODUCES|USES|COMPARES_WITH|MENTIONS]->(b:Method)
WHERE b.id IN ids AND a.id <= b.id
RETURN a.name AS method, b.name AS other, count(DISTINCT p.id) AS papers
ORDER BY papers DESC, method, other
LIMIT $limit
