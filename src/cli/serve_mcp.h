// SPDX-License-Identifier: GPL-3.0-or-later
// The Model Context Protocol (JSON-RPC 2.0, one message per line): the commands as tools, their help as
// resources.
//
//      tools/list      one tool per command of the table; its options as JSON Schema, its plain
//                      words as `words`
//      tools/call      text: the rows as JSON Lines and the summary; isError with the sentence
//                      where there is no answer. At most SERVE_PAGE bytes: then the summary has a
//                      `cursor`, to be handed in with the same arguments
//      resources/...   ouro://help/COMMAND
//
// Does not know: sockets. Cost: the next page of the last answer is not computed again.
#ifndef OURO_CLI_SERVE_MCP_H
#define OURO_CLI_SERVE_MCP_H

#include "cli/serve_job.h"

#define SERVE_PAGE ((size_t)24 << 10)

// Answers one message; null: a line that was no JSON.
void serve_mcp_answer(struct serve_job *job, const json_t *message);
const json_t *serve_mcp_cancels(const json_t *message);

#endif
