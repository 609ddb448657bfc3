-- SPDX-License-Identifier: GPL-3.0-or-later
-- What do the instances of each class keep alive, over time? A row a class and hour: the average of all pictures that were
-- taken in it, of the 20 classes whose greatest is greatest. A picture without the class counts as one with 0.

WITH hours AS (SELECT taken - taken % 3600 AS hour, count(*) AS pictures FROM pictures GROUP BY 1),
sums AS (
    SELECT name, pictures.taken - pictures.taken % 3600 AS hour, sum(bytes)::DOUBLE AS bytes
    FROM fleet JOIN pictures USING (heap) WHERE "by" = 'retained' GROUP BY name, hour),
largest AS (
    SELECT name FROM sums JOIN hours USING (hour)
    GROUP BY name ORDER BY max(bytes / pictures) DESC, name LIMIT 20)
SELECT name, strftime(to_timestamp(hour) AT TIME ZONE 'UTC', '%Y-%m-%d %H:00') AS hour, pictures,
       round(coalesce(bytes, 0) / pictures)::BIGINT AS retained
FROM largest CROSS JOIN hours LEFT JOIN sums USING (name, hour)
ORDER BY name, hour;
