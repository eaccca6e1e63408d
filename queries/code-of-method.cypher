// title: Code of a method
// answers: Which repositories do the papers that introduce this method link to?
// param: method STRING -- name or alias of a method, upper or lower case
// param: limit INT = 20 -- how many rows
// columns: method, repository, url, official, paper
// example: method=Oxbow-2
MATCH (m:Method)
UNWIND m.aliases + [m.name] AS alias
WITH m, alias
WHERE lower(alias) = lower($method)
WITH DISTINCT m
MATCH (m)<-[:INTRODUCES]-(p:Paper)-[r:HAS_CODE]->(c:Repository)
RETURN m.name AS method, c.owner + '/' + c.name AS repository, c.url AS url, r.official AS official, p.id AS paper
ORDER BY official DESC, method, repository, paper
LIMIT $limit
