-- SPDX-License-Identifier: GPL-3.0-or-later
-- What tools/fleet/collect writes, for DuckDB, in the folder that has the files. The tables are as
-- good as Parquet files: COPY fleet TO 'fleet.parquet'; then CREATE VIEW fleet AS FROM 'fleet.parquet'.

CREATE TABLE IF NOT EXISTS fleet AS SELECT * FROM read_json('fleet.jsonl', format = 'newline_delimited', columns = {
    heap: 'VARCHAR', host: 'VARCHAR', container: 'VARCHAR', release: 'VARCHAR', pid: 'UINTEGER',
    started: 'TIMESTAMP', taken: 'TIMESTAMP', version: 'VARCHAR', build_id: 'VARCHAR', command: 'VARCHAR',
    "by": 'VARCHAR', name: 'VARCHAR', count: 'UBIGINT', bytes: 'UBIGINT' });

-- One row a heap: whose picture it is, and when it was taken.
CREATE OR REPLACE VIEW pictures AS
    SELECT heap, coalesce(any_value(host), '?') AS host, coalesce(any_value(release), '?') AS release,
           concat(any_value(host), ' ', any_value(container), ' ', coalesce(any_value(pid)::VARCHAR, heap), ' ',
                  any_value(started)::VARCHAR) AS process,
           coalesce(epoch(any_value(taken)), 0)::BIGINT AS taken
    FROM fleet GROUP BY heap;

-- Releases in the order in which they were first seen: rank 1 is the oldest.
CREATE OR REPLACE VIEW releases AS
    SELECT release, row_number() OVER (ORDER BY min(taken), release) AS rank FROM pictures GROUP BY release;

-- The last picture of every process of the release that its host ran last.
CREATE OR REPLACE VIEW last AS
    SELECT arg_max(heap, (taken, heap)) AS heap, host, release, process
    FROM pictures JOIN (SELECT host, arg_max(release, (taken, heap)) AS release FROM pictures GROUP BY host) USING (host, release)
    GROUP BY process, host, release;
