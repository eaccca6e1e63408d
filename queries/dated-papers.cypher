// title: Papers with and without a date
// answers: How many papers have a date, from when to when, and how many of them link to code?
// param: limit INT = 2 -- how many rows
// columns: dated, papers, with_code, first, last
MATCH (p:Paper)
OPTIONAL MATCH (p)-[r:HAS_CODE]->(:Repository)
WITH p, count(r) AS links
RETURN p.published IS NOT NULL AS dated, count(p) AS papers,
  sum(CASE WHEN links > 0 THEN 1 ELSE 0 END) AS with_code, min(p.published) AS first, max(p.published) AS last
ORDER BY dated DESC
LIMIT $limit
