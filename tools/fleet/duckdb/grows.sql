-- SPDX-License-Identifier: GPL-3.0-or-later
-- Which class grows across hosts, since which release? A class grows in a release when it has more bytes in the
-- last picture than in the first one in most of the processes of which there are two or more; `since` is the
-- release from which on it does so in every later one. `rate` is bytes an hour in the middle one of those
-- processes, in the newest release. What is not in a picture has 0 bytes there.

WITH spans AS (
    SELECT process, host, release, min(taken) AS began, max(taken) AS ended,
           arg_min(heap, (taken, heap)) AS first, arg_max(heap, (taken, heap)) AS last
    FROM pictures GROUP BY process, host, release HAVING count(*) > 1 AND max(taken) > min(taken)),
numbers AS (
    SELECT release, row_number() OVER (ORDER BY rank) AS rank FROM releases
    WHERE release IN (SELECT release FROM spans)),
sizes AS (SELECT heap, name, sum(bytes) AS bytes FROM fleet WHERE "by" = 'type' GROUP BY heap, name),
changes AS (
    SELECT spans.release, process, host, name, (ended - began) AS seconds,
           sum(CASE WHEN heap = last THEN bytes ELSE -bytes::HUGEINT END) AS grew
    FROM spans JOIN sizes ON heap = first OR heap = last
    GROUP BY ALL),
in_release AS (
    SELECT changes.release, rank, name, count(*) FILTER (grew > 0) AS growing,
           count(DISTINCT host) FILTER (grew > 0) AS hosts, quantile_disc(grew * 3600 / seconds, 0.5) FILTER (grew > 0) AS rate
    FROM changes JOIN numbers USING (release) GROUP BY changes.release, rank, name),
verdicts AS (
    SELECT name, rank, hosts, rate, growing * 2 > (SELECT count(*) FROM spans WHERE spans.release = in_release.release) AS grows
    FROM in_release),
since AS (
    SELECT names.name, max(CASE WHEN coalesce(grows, false) THEN 0 ELSE numbers.rank END) + 1 AS rank
    FROM (SELECT DISTINCT name FROM verdicts) AS names CROSS JOIN numbers
         LEFT JOIN verdicts ON verdicts.name = names.name AND verdicts.rank = numbers.rank
    GROUP BY names.name)
SELECT since.name, release AS since, hosts, round(rate)::BIGINT AS rate
FROM since JOIN numbers ON numbers.rank = since.rank
     JOIN verdicts ON verdicts.name = since.name AND verdicts.rank = (SELECT max(rank) FROM numbers)
ORDER BY rate DESC, since.name LIMIT 20;
