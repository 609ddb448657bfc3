-- SPDX-License-Identifier: GPL-3.0-or-later
-- Every object of every heap (OBJECTS=1 tools/fleet/collect ...).

CREATE TABLE IF NOT EXISTS objects AS SELECT * FROM read_json('objects.jsonl', format = 'newline_delimited', columns = {
    heap: 'VARCHAR', object: 'VARCHAR', type: 'VARCHAR', gen: 'VARCHAR', refcount: 'UBIGINT', bytes: 'UBIGINT',
    tracked: 'BOOLEAN', collectable: 'BOOLEAN', evidence: 'VARCHAR', refs: 'VARCHAR[]' });
