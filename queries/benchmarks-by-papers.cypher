// title: Benchmarks and datasets by papers
// answers: On which benchmarks and datasets do most papers report experiments?
// param: named BOOL = true -- only names coined for one thing, no generic terms
// param: limit INT = 20 -- how many rows
// columns: benchmark, type, papers, methods
MATCH (p:Paper)-[:EVALUATES_ON]->(b:Benchmark|Dataset)
WHERE b.named OR NOT $named
WITH b, count(DISTINCT p.id) AS papers
OPTIONAL MATCH (m:Method)-[:EVALUATED_ON]->(b)
RETURN b.name AS benchmark, b.type AS type, papers, count(DISTINCT m.id) AS methods
ORDER BY papers DESC, methods DESC, benchmark, type
LIMIT $limit
