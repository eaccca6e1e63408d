// title: Papers by month
// answers: How many papers are there of each month, and how many of them link to code?
// param: limit INT = 24 -- how many months
// columns: month, papers, with_code
MATCH (p:Paper)
WHERE p.published IS NOT NULL
OPTIONAL MATCH (p)-[r:HAS_CODE]->(:Repository)
WITH left(toString(p.published), 7) AS month, p.id AS id, count(r) AS links
RETURN month, count(*) AS papers, sum(CASE WHEN links > 0 THEN 1 ELSE 0 END) AS with_code
ORDER BY month DESC
LIMIT $limit
