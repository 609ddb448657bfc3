-- SPDX-License-Identifier: GPL-3.0-or-later
-- What tools/fleet/collect writes, for ClickHouse (18.16 and later).
--
--     clickhouse-client -n < schema.sql
--     clickhouse-client --input_format_skip_unknown_fields=1 --date_time_input_format=best_effort \
--         --query 'INSERT INTO fleet FORMAT JSONEachRow' < fleet.jsonl
--     clickhouse-client --query 'INSERT INTO objects FORMAT JSONEachRow' < objects.jsonl

CREATE TABLE IF NOT EXISTS fleet (
    heap String, host Nullable(String), container Nullable(String), release Nullable(String),
    pid Nullable(UInt32), started Nullable(DateTime), taken Nullable(DateTime),
    version Nullable(String), build_id Nullable(String), command Nullable(String),
    by String, name String, count UInt64, bytes UInt64
) ENGINE = MergeTree() PARTITION BY tuple() ORDER BY (by, name, heap);

CREATE TABLE IF NOT EXISTS objects (
    heap String, object String, type String, gen Nullable(String), refcount Nullable(UInt64),
    bytes UInt64, tracked UInt8, collectable UInt8, evidence String, refs Array(String)
) ENGINE = MergeTree() PARTITION BY tuple() ORDER BY (heap, type, object);

-- One row a heap: whose picture it is, and when it was taken.
CREATE VIEW IF NOT EXISTS pictures AS
    SELECT heap, on AS host, of AS release, run AS process, at AS taken FROM (
        SELECT heap, any(ifNull(host, '?')) AS on, any(ifNull(release, '?')) AS of,
               concat(any(ifNull(host, '')), ' ', any(ifNull(container, '')), ' ', any(ifNull(toString(pid), heap)), ' ',
                      any(ifNull(toString(started), ''))) AS run,
               any(toUnixTimestamp(ifNull(taken, toDateTime(0)))) AS at
        FROM fleet GROUP BY heap);

-- Releases in the order in which they were first seen: rank 1 is the oldest.
CREATE VIEW IF NOT EXISTS releases AS
    SELECT release, rank FROM (
        SELECT groupArray(release) AS names FROM (
            SELECT release, min(taken) AS first FROM pictures GROUP BY release ORDER BY first, release))
    ARRAY JOIN names AS release, arrayEnumerate(names) AS rank;

-- The last picture of every process of the release that its host ran last.
CREATE VIEW IF NOT EXISTS last AS
    SELECT of.1 AS heap, host, release, process FROM (
        SELECT process, host, release, argMax(tuple(heap), tuple(taken, heap)) AS of FROM pictures GROUP BY process, host, release)
    ALL INNER JOIN (SELECT host, argMax(release, tuple(taken, heap)) AS release FROM pictures GROUP BY host) USING host, release;

-- Of every process with two or more pictures the first one and the last one.
CREATE VIEW IF NOT EXISTS spans AS
    SELECT process, host, release, min(taken) AS began, max(taken) AS ended,
           argMin(heap, tuple(taken, heap)) AS first, argMax(heap, tuple(taken, heap)) AS last
    FROM pictures GROUP BY process, host, release HAVING count() > 1 AND ended > began;

-- Releases that have such processes, numbered from the oldest, and how many processes those are.
CREATE VIEW IF NOT EXISTS numbers AS
    SELECT release, rank, processes FROM (
        SELECT groupArray(release) AS names, groupArray(processes) AS counts FROM (
            SELECT release, rank, processes FROM releases ALL INNER JOIN
                (SELECT release, count() AS processes FROM spans GROUP BY release) USING release ORDER BY rank))
    ARRAY JOIN names AS release, arrayEnumerate(names) AS rank, counts AS processes;
