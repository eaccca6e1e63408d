// title: Neighbours of a paper
// answers: Which papers have most named entities in common with this one?
// param: paper STRING -- id, arXiv id or whole title of a paper, upper or lower case
// param: limit INT = 20 -- how many rows
// columns: paper, title, shared, entities
// example: paper=2507.90023
MATCH (p:Paper)
WHERE p.arxiv_id = $paper OR lower(p.id) = lower($paper) OR lower(p.title) = lower($paper)
MATCH (p)-[:INTRODUCES|USES|EVALUATES_ON|COMPARES_WITH|ADDRESSES|MEASURES|MENTIONS]->
  (e:Method|Dataset|Benchmark|Task|Metric)
  <-[:INTRODUCES|USES|EVALUATES_ON|COMPARES_WITH|ADDRESSES|MEASURES|MENTIONS]-(other:Paper)
WHERE e.named AND other.id <> p.id
RETURN other.id AS paper, other.title AS title, count(DISTINCT e.id) AS shared,
  list_sort(collect(DISTINCT e.name)) AS entities
ORDER BY shared DESC, paper
LIMIT $limit
