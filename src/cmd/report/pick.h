// SPDX-License-Identifier: GPL-3.0-or-later
// Some columns of an answer, in another order: `--columns object,bytes`.
//
// Does not know: what columns mean. The command's report has this sink; each row's chosen cells go on
// to the report `to`, which streams or keeps them. Owns: which they are. Borrows: names, `to`.
// The texts of cells live in the command's report until report_adopt() hands them over.
#ifndef OURO_CMD_REPORT_PICK_H
#define OURO_CMD_REPORT_PICK_H

#include "cmd/report/report.h"

struct pick {
    const char *names; // "object,bytes"
    struct report *to;
    size_t *from; // which cell each is
    struct cell *cells;
};

extern const struct report_sink report_pick;

// ERR_USAGE for a name that is none of the columns; it names one that is near.
bool pick_check(const char *names, const char *command, const struct column *columns,
                struct err *err);
// "types: no column byts; did you mean bytes?". False.
bool pick_no_column(const char *command, const struct column *columns, const char *name,
                    size_t size, struct err *err);
void pick_fini(struct pick *pick);

#endif
