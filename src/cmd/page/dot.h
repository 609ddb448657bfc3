// SPDX-License-Identifier: GPL-3.0-or-later
// A few objects and the references among them as Graphviz DOT; and, where `dot` is installed, as a
// picture.
//
// Does not know: how the objects were chosen. Owns: the text, until dot_fini(). Borrows: the session.
// Cost: every edge's
// holder is read again.
#ifndef OURO_CMD_PAGE_DOT_H
#define OURO_CMD_PAGE_DOT_H

#include "base/map.h"
#include "cmd/session/session.h"

struct dot {
    const struct session *session;
    node focus; // drawn thick
    struct text text;
    struct map drawn; // objects
};

bool dot_begin(struct dot *dot, const struct session *session, node focus, struct err *err);
bool dot_object(struct dot *dot, node n, struct err *err); // once each, however often it is called
bool dot_root(struct dot *dot, node to, const char *name, struct err *err);
bool dot_edge(struct dot *dot, node from, node to, const char *name,
              struct err *err); // both objects first
bool dot_end(struct dot *dot, struct err *err);
void dot_fini(struct dot *dot);

// Writes the text to a file, through `dot -Tformat` unless format is "dot". Returns the file's size
// in *size.
bool dot_write(const struct dot *dot, const char *path, const char *format, uint64_t *size,
               struct err *err);

#endif
