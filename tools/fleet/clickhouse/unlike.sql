-- SPDX-License-Identifier: GPL-3.0-or-later
-- Which host is unlike the others? The last picture of every process counts, of the
-- release that its host ran last; a host's bytes of a class are those of a
-- process of it on average. `unlike` adds up how far they are from the middle host's, over all classes, as a share
-- of what the middle host has; `name` is the class that says most of it, `excess` by how many bytes.

SELECT host, release, unlike, most.2 AS name, toInt64(round(most.1)) AS excess
FROM (
    SELECT host, release, round(sum(abs(differs)) / sum(middle), 3) AS unlike,
           argMax(tuple(differs, class), tuple(abs(differs), class)) AS most
    FROM (
        SELECT class, one.1 AS host, one.2 AS release, one.3 - middle AS differs, middle
        FROM (
            SELECT class, groupArray(tuple(host, release, mean)) AS all,
                   arraySort(groupArray(mean))[intDiv(count() + 1, 2)] AS middle
            FROM (
                SELECT host, release, class, toFloat64(bytes) / processes AS mean
                FROM (
                    SELECT host, release, processes, class
                    FROM (SELECT host, release, count() AS processes FROM last GROUP BY host, release)
                    CROSS JOIN (
                        SELECT DISTINCT name AS class FROM fleet WHERE by = 'type' AND heap IN (SELECT heap FROM last)))
                ALL LEFT JOIN (
                    SELECT host, class, sum(bytes) AS bytes
                    FROM (SELECT heap, name AS class, bytes FROM fleet WHERE by = 'type')
                    ALL INNER JOIN (SELECT heap, host FROM last) USING heap
                    GROUP BY host, class) USING host, class)
            GROUP BY class)
        ARRAY JOIN all AS one)
    GROUP BY host, release)
ORDER BY unlike DESC, host;
