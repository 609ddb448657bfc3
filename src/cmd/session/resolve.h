// SPDX-License-Identifier: GPL-3.0-or-later
// Walking dotted names, for session_object() and for completion. Does not select anything, needs
// the heap.
#ifndef OURO_CMD_SESSION_RESOLVE_H
#define OURO_CMD_SESSION_RESOLVE_H

#include "cmd/session/session.h"

// The object that a dotted name means in any interpreter, or NODE_NONE; *failed is then where the
// walk came to an end.
node resolve_name(const struct session *session, const char *path, const char **failed);

// Shorter names of a root that is a frame's local, of its whole one: "local x in f() app.py:12", as its
// frame's reference is called, or "thread 7 local x". False: it is none.
bool resolve_short_root(const struct root *root, const char *name, bool in_frame, struct text *out);

// The dict sys.modules of an interpreter, or NODE_NONE.
node resolve_modules(const struct session *session, size_t interpreter);

// Whether an edge is called [key], ['key'] or ["key"]: people type keys with their quotes or
// without.
bool resolve_is_key(const char *edge, const char *key, size_t size);

// How long the part of a path is that begins here: "name", or "[...]" with its brackets. 0:
// neither.
size_t resolve_part_size(const char *path);

// What an object's header says, without a heap.
struct glance {
    const char *type; // the session's
    int64_t refcount; // as stored; -1: it is immortal, or threads' tables have a part of it
};
// False: there is no object at that address.
bool resolve_glance(struct session *session, addr at, struct glance *glance, struct err *err);

#endif
