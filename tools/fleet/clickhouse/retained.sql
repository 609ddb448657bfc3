-- SPDX-License-Identifier: GPL-3.0-or-later
-- What do the instances of each class keep alive, over time? A row a class and hour: the average of all pictures that were
-- taken in it, of the 20 classes whose greatest is greatest. A picture without the class counts as one with 0.

SELECT name, formatDateTime(toDateTime(moment, 'UTC'), '%Y-%m-%d %H:00') AS hour, pictures, toInt64(round(total / pictures)) AS retained
FROM (
    SELECT name, moment, pictures, total
    FROM (
        SELECT name, moment, pictures
        FROM (
            SELECT name FROM (
                SELECT name, moment, sum(bytes) AS total
                FROM (SELECT heap, name, bytes FROM fleet WHERE by = 'retained')
                ALL INNER JOIN (SELECT heap, toUInt32(taken - taken % 3600) AS moment FROM pictures) USING heap
                GROUP BY name, moment)
            ALL INNER JOIN (
                SELECT toUInt32(taken - taken % 3600) AS moment, count() AS pictures FROM pictures GROUP BY moment) USING moment
            GROUP BY name ORDER BY max(total / pictures) DESC, name LIMIT 20)
        CROSS JOIN (SELECT toUInt32(taken - taken % 3600) AS moment, count() AS pictures FROM pictures GROUP BY moment))
    ALL LEFT JOIN (
        SELECT name, moment, sum(bytes) AS total
        FROM (SELECT heap, name, bytes FROM fleet WHERE by = 'retained')
        ALL INNER JOIN (SELECT heap, toUInt32(taken - taken % 3600) AS moment FROM pictures) USING heap
        GROUP BY name, moment) USING name, moment)
ORDER BY name, moment;
