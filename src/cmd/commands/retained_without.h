// SPDX-License-Identifier: GPL-3.0-or-later
// `retained --without REF`: references by their names, and rows of what would happen without them.
//
//      app.CACHE, app.CACHE['k'], app.Session.everyone     one reference: the last step of the name
//      Order.invoice                                       the attribute of every instance of a class
//      0x7f..., #N, $                                      every reference to an object
//
// Owns, borrows: nothing. Cost: heap/analysis/without.h; for a class's attribute, its instances are
// read once. What still holds the rest takes two passes over the references more.
#ifndef OURO_CMD_COMMANDS_RETAINED_WITHOUT_H
#define OURO_CMD_COMMANDS_RETAINED_WITHOUT_H

#include "cmd/report/report.h"
#include "cmd/session/session.h"

extern const struct column what_if_columns[];

// words: ended by null. Needs NEEDS_DOMINATORS.
bool what_if_add(struct session *session, const char *const *words, struct report *report,
                 struct err *err);

#endif
