-- the longest containers and texts, and what keeps them
SELECT object, type, len(object) AS length, bytes, path(object) AS path FROM objects WHERE len(object) > 1000 ORDER BY length DESC LIMIT 20
