// title: Metrics of a task
// answers: Which metrics do papers of this task report?
// param: task STRING -- name or alias of a task, upper or lower case
// param: limit INT = 20 -- how many rows
// columns: metric, papers
// example: task=language modeling
MATCH (t:Task)
UNWIND t.aliases + [t.name] AS alias
WITH t, alias
WHERE lower(alias) = lower($task)
WITH DISTINCT t
MATCH (t)<-[:ADDRESSES|INTRODUCES]-(p:Paper)-[:MEASURES|INTRODUCES]->(x:Metric)
RETURN x.name AS metric, count(DISTINCT p.id) AS papers
ORDER BY papers DESC, metric
LIMIT $limit
