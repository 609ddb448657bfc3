-- SPDX-License-Identifier: GPL-3.0-or-later
-- Which class grows across hosts, since which release? A class grows in a release when it has more bytes in the
-- last picture than in the first one in most of the processes of which there are two or more; `since` is the
-- release from which on it does so in every later one. `rate` is bytes an hour in the middle one of those
-- processes, in the newest release. What is not in a picture has 0 bytes there.

SELECT name, release AS since, hosts, rate
FROM (
    SELECT name, toUInt32(max(if(growing * 2 > processes, 0, rank)) + 1) AS rank,
           argMax(growing_hosts, at) AS hosts, argMax(middle, at) AS rate
    FROM (
        SELECT name, release, rank, rank AS at, processes, growing, growing_hosts,
               toInt64(round(rates[intDiv(length(rates) + 1, 2)])) AS middle
        FROM (
            SELECT name, release, rank, processes
            FROM (SELECT DISTINCT name FROM fleet WHERE by = 'type')
            CROSS JOIN (SELECT release, rank, processes FROM numbers))
        ALL LEFT JOIN (
            SELECT release, name, countIf(grew > 0) AS growing, uniqExactIf(host, grew > 0) AS growing_hosts,
                   arraySort(groupArrayIf(grew * 3600 / seconds, grew > 0)) AS rates
            FROM (
                SELECT release, process, host, seconds, name, sum(sign * toInt64(bytes)) AS grew
                FROM (
                    SELECT process, host, release, ended - began AS seconds, heap, sign
                    FROM spans ARRAY JOIN [first, last] AS heap, [-1, 1] AS sign)
                ALL INNER JOIN (
                    SELECT heap, name, sum(bytes) AS bytes FROM fleet WHERE by = 'type' GROUP BY heap, name) USING heap
                GROUP BY release, process, host, seconds, name)
            GROUP BY release, name) USING release, name)
    GROUP BY name)
ALL INNER JOIN (SELECT toUInt32(rank) AS rank, release FROM numbers) USING rank
ORDER BY rate DESC, name LIMIT 20;
