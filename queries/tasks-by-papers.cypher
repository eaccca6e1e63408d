// title: Tasks by papers
// answers: Which tasks do most papers address?
// param: limit INT = 20 -- how many rows
// columns: task, papers, methods
MATCH (p:Paper)-[:ADDRESSES]->(t:Task)
WITH t, count(DISTINCT p.id) AS papers
OPTIONAL MATCH (m:Method)-[:USED_FOR]->(t)
RETURN t.name AS task, papers, count(DISTINCT m.id) AS methods
ORDER BY papers DESC, methods DESC, task
LIMIT $limit
