-- texts that are there several times, by the bytes that one of each would save
SELECT value(object) AS value, count(*) AS copies, sum(bytes) - min(bytes) AS wasted FROM objects WHERE type = 'str' GROUP BY 1 HAVING copies > 1 ORDER BY wasted DESC LIMIT 20
