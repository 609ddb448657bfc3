-- the roots that keep most alive, by name
SELECT r.root, r.kind, o.type, max(o.retained) AS retained FROM roots r JOIN objects o ON o.object = r.object GROUP BY r.object ORDER BY retained DESC LIMIT 20
