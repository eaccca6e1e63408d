// title: Datasets and benchmarks of a task
// answers: On which datasets and benchmarks do papers of this task report experiments?
// param: task STRING -- name or alias of a task, upper or lower case
// param: limit INT = 20 -- how many rows
// columns: dataset, type, papers
// example: task=language modeling
MATCH (t:Task)
UNWIND t.aliases + [t.name] AS alias
WITH t, alias
WHERE lower(alias) = lower($task)
WITH DISTINCT t
MATCH (t)<-[:ADDRESSES|INTRODUCES]-(p:Paper)-[:EVALUATES_ON|INTRODUCES]->(d:Dataset|Benchmark)
RETURN d.name AS dataset, d.type AS type, count(DISTINCT p.id) AS papers
ORDER BY papers DESC, dataset, type
LIMIT $limit
