// SPDX-License-Identifier: GPL-3.0-or-later
// The public client of the Model Context Protocol asks ouro: client.mjs OURO CORE.
import assert from "node:assert";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const [command, core] = process.argv.slice(2);
const client = new Client({ name: "tests/serve", version: "1" });
await client.connect(new StdioClientTransport({ command, args: [core, "serve", "--mcp"] }));
assert.equal(client.getServerVersion().name, "ouro");

const names = (await client.listTools()).tools.map((tool) => tool.name);
assert(names.includes("findings") && !names.includes("save"));

const answer = await client.callTool({ name: "types", arguments: { limit: 2 } });
assert(!answer.isError);
const rows = answer.content[0].text.split("\n").map((line) => JSON.parse(line));
assert.equal(rows.length, 3);
assert.equal(rows[2].summary.rows, 2);

assert((await client.callTool({ name: "object", arguments: { words: ["app.nowhere"] } })).isError);
assert((await client.listResources()).resources.length >= names.length);
const help = await client.readResource({ uri: "ouro://help/types" });
assert(help.contents[0].text.startsWith("types "));
await client.close();
console.log("the public client is content");
