// title: Papers with code
// answers: Which papers link to a repository, the latest first?
// param: official BOOL = false -- only the papers' own repositories
// param: limit INT = 20 -- how many rows
// columns: paper, title, published, repository, url, official
MATCH (p:Paper)-[r:HAS_CODE]->(c:Repository)
WHERE r.official OR NOT $official
RETURN p.id AS paper, p.title AS title, p.published AS published, c.owner + '/' + c.name AS repository, c.url AS url,
  r.official AS official
ORDER BY published IS NULL, published DESC, paper, repository
LIMIT $limit
