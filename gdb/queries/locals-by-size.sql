-- the locals that keep most alive
SELECT l.function, l.line, l.name, l.type, o.retained FROM locals l JOIN objects o ON o.object = l.object ORDER BY o.retained DESC LIMIT 20
