// title: Methods in the same papers
// answers: Which other methods stand in the papers that have this one?
// param: method STRING -- name or alias of a method, upper or lower case
// param: named BOOL = true -- only names coined for one thing, no generic terms
// param: limit INT = 20 -- how many rows
// columns: method, papers, all_papers
// example: method=Oxbow-2
MATCH (m:Method)
UNWIND m.aliases + [m.name] AS alias
WITH m, alias
WHERE lower(alias) = lower($method)
WITH DISTINCT m
MATCH (p:Paper)-[:INTRODUCES|USES|COMPARES_WITH|MENTIONS]->(m)
MATCH (p)-[:INTRODUCES|USES|COMPARES_WITH|MENTIONS]->(other:Method)
WHERE other.id <> m.id AND (other.named OR NOT $named)
RETURN other.name AS method, count(DISTINCT p.id) AS papers, other.papers AS all_papers
ORDER BY papers DESC, all_papers, method
LIMIT $limit
