-- SPDX-License-Identifier: GPL-3.0-or-later
-- Which suspects are everywhere? The last picture of every process counts, of the
-- release that its host ran last. A suspect is a finding and what the
-- program calls its object, keys left out; what has no name in the program is not told from others of its kind.

SELECT name, count(DISTINCT process) AS processes, count(DISTINCT last.host) AS hosts,
       round(count(DISTINCT process) / (SELECT count(*) FROM last), 2) AS share,
       quantile_disc(bytes, 0.5)::BIGINT AS bytes
FROM fleet JOIN last USING (heap) WHERE "by" = 'suspect'
GROUP BY name ORDER BY share DESC, bytes DESC, name LIMIT 50;
