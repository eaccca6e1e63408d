// title: What beats a method
// answers: Which methods are said to do better than this one?
// param: method STRING -- name or alias of a method, upper or lower case
// param: limit INT = 20 -- how many rows
// columns: better, method, papers, confidence, evidence
// example: method=Mamba-2
MATCH (m:Method)
UNWIND m.aliases + [m.name] AS alias
WITH m, alias
WHERE lower(alias) = lower($method)
WITH DISTINCT m
MATCH (winner:Method)-[r:OUTPERFORMS]->(m)
RETURN winner.name AS better, m.name AS method, r.count AS papers, r.confidence AS confidence,
  r.evidence AS evidence
ORDER BY papers DESC, confidence DESC, better, method
LIMIT $limit
