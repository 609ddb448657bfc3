// SPDX-License-Identifier: GPL-3.0-or-later
// Walking dotted names, for session_object() and for completion. Does not select anything, needs
// the heap.
#ifndef OURO_CMD_SESSION_RESOLVE_H
#define OURO_CMD_SESSION_RESOLVE_H

#include "cmd/session/session.h"

// The object that a dotted name means in any interpreter, or NODE_NONE; *failed is then where the
// walk came to an end.
node resolve_name(const struct session *session, const char *path, const char **failed);

// The dict sys.modules of an interpreter, or NODE_NONE.
node resolve_modules(const struct session *session, size_t interpreter);

#endif
