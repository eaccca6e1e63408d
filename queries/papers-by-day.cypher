// title: Papers by day
// answers: How many papers are there of each day, and how many of them link to code?
// param: limit INT = 31 -- how many days
// columns: day, papers, with_code
MATCH (p:Paper)
WHERE p.published IS NOT NULL
OPTIONAL MATCH (p)-[r:HAS_CODE]->(:Repository)
WITH toString(p.published) AS day, p.id AS id, count(r) AS links
RETURN day, count(*) AS papers, sum(CASE WHEN links > 0 THEN 1 ELSE 0 END) AS with_code
ORDER BY day DESC
LIMIT $limit
