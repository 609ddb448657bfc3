-- what the instances of each class keep alive together, each byte once
SELECT type, count(*) AS count, sum(bytes) AS bytes, retained_set(object) AS retained FROM objects WHERE module NOT IN ('builtins', 'collections', 'functools') GROUP BY type HAVING count >= 100 ORDER BY retained DESC LIMIT 20
