// title: New methods of a month
// answers: Which methods do the papers of this month introduce?
// param: month STRING -- year and month, such as 2024-10
// param: limit INT = 100 -- how many rows
// columns: method, paper, title, published, evidence
// example: month=2024-02
MATCH (p:Paper)-[r:INTRODUCES]->(m:Method)
WHERE left(toString(p.published), 7) = $month
RETURN m.name AS method, p.id AS paper, p.title AS title, p.published AS published, r.evidence AS evidence
ORDER BY published, paper, method
LIMIT $limit
