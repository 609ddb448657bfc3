-- SPDX-License-Identifier: GPL-3.0-or-later
-- Which suspects are everywhere? The last picture of every process counts, of the
-- release that its host ran last. A suspect is a finding and what the
-- program calls its object, keys left out; what has no name in the program is not told from others of its kind.

SELECT name, uniqExact(process) AS processes, uniqExact(host) AS hosts,
       round(processes / (SELECT count() FROM last), 2) AS share,
       arraySort(groupArray(bytes))[intDiv(count() + 1, 2)] AS bytes
FROM (SELECT heap, name, bytes FROM fleet WHERE by = 'suspect')
ALL INNER JOIN (SELECT heap, host, process FROM last) USING heap
GROUP BY name ORDER BY share DESC, bytes DESC, name LIMIT 50;
