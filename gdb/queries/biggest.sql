-- the objects that alone keep most alive, and what keeps them
SELECT object, type, bytes, retained, path(object) AS path FROM objects ORDER BY retained DESC LIMIT 20
