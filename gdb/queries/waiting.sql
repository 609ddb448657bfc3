-- where tasks wait, and how many at each line
SELECT f.function, f.file, f.line, count(*) AS tasks FROM tasks t JOIN frames f ON f.owner = t.coroutine GROUP BY 1, 2, 3 ORDER BY tasks DESC
