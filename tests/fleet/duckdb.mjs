// SPDX-License-Identifier: GPL-3.0-or-later
// duckdb.mjs FOLDER FILE...: every statement of the files, in one database without a file; the rows of each file's last one,
// as a line of JSON. FOLDER has node_modules with @duckdb/node-api.
import { createRequire } from 'module';
import fs from 'fs';
import path from 'path';

const require = createRequire(path.join(path.resolve(process.argv[2]), 'here.js'));
const { DuckDBInstance } = require('@duckdb/node-api');
const connection = await (await DuckDBInstance.create(':memory:')).connect();
await connection.run("SET threads TO 1");
for (const file of process.argv.slice(3)) {
    const reader = await connection.runAndReadAll(fs.readFileSync(file, 'utf8'));
    console.log(JSON.stringify(reader.getRowObjectsJson()));
}
process.exit(0);
