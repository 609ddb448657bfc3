-- what generation 0 is made of: what the program makes right now
SELECT type, count(*) AS count, sum(bytes) AS bytes FROM objects WHERE gen = 0 GROUP BY type ORDER BY count DESC LIMIT 20
