// title: Methods of a task
// answers: Which methods are applied to this task, and where does a paper say so?
// param: task STRING -- name or alias of a task, upper or lower case
// param: limit INT = 20 -- how many rows
// columns: task, method, papers, evidence
// example: task=language modeling
MATCH (t:Task)
UNWIND t.aliases + [t.name] AS alias
WITH t, alias
WHERE lower(alias) = lower($task)
WITH DISTINCT t
MATCH (m:Method)-[r:USED_FOR]->(t)
RETURN t.name AS task, m.name AS method, r.count AS papers, r.evidence AS evidence
ORDER BY papers DESC, method, task
LIMIT $limit
