-- SPDX-License-Identifier: GPL-3.0-or-later
-- Which host is unlike the others? The last picture of every process counts, of the
-- release that its host ran last; a host's bytes of a class are those of a
-- process of it on average. `unlike` adds up how far they are from the middle host's, over all classes, as a share
-- of what the middle host has; `name` is the class that says most of it, `excess` by how many bytes.

WITH hosts AS (SELECT host, release, count(*) AS processes FROM last GROUP BY host, release),
sizes AS (
    SELECT last.host, name, sum(bytes)::DOUBLE AS bytes FROM fleet JOIN last USING (heap)
    WHERE "by" = 'type' GROUP BY last.host, name),
each AS (
    SELECT hosts.host, names.name, coalesce(bytes, 0) / processes AS bytes
    FROM hosts CROSS JOIN (SELECT DISTINCT name FROM sizes) AS names
         LEFT JOIN sizes ON sizes.host = hosts.host AND sizes.name = names.name),
middle AS (SELECT name, quantile_disc(bytes, 0.5) AS bytes FROM each GROUP BY name)
SELECT each.host, hosts.release, round(sum(abs(each.bytes - middle.bytes)) / (SELECT sum(bytes) FROM middle), 3) AS unlike,
       arg_max(each.name, (abs(each.bytes - middle.bytes), each.name)) AS name,
       round(arg_max(each.bytes - middle.bytes, (abs(each.bytes - middle.bytes), each.name)))::BIGINT AS excess
FROM each JOIN middle USING (name) JOIN hosts USING (host)
GROUP BY each.host, hosts.release ORDER BY unlike DESC, each.host;
