-- what the next full collection finds, by type
SELECT type, count(*) AS count, sum(bytes) AS bytes, sum(finalized) AS finalized FROM objects WHERE garbage GROUP BY type ORDER BY count DESC
