MATCH (p:Paper)
WHERE p.arxiv_id = $paper OR lower(p.id) = lower($paper) OR lower(p.title) = lower($paper)
MATCH (p)-[:INTRODUCES|USES|EVALUATES_ON|COMPARES_WITH|ADDRESSES|MEASURES|MENTIONS]->
  (e:Method|Dataset|Benchmark|Task|Metric)
  <-[:INTRODUCES|USES|EVALUATES_ON|COMPARES_WITH|ADDRESSES|MEASURES|MENTIONS]-(other:Paper)
WHERE e.named AND other.id <> p.id
WITH DISTINCT other, e
ORDER BY e.name
RETURN other.id AS paper, other.title AS title, count(e) AS shared, collect(DISTINCT e.name) AS entities
ORDER BY shared DESC, paper
LIMIT $limit
