// SPDX-License-Identifier: GPL-3.0-or-later
// The paths to the objects of a selection, merged by shape (finding/path_shapes.h), for `path` and
// `diff`.
//
// Owns, borrows: nothing. Cost: two passes over the references, and finding/path_shapes.h.
#ifndef OURO_CMD_SESSION_SELECTED_PATHS_H
#define OURO_CMD_SESSION_SELECTED_PATHS_H

#include "cmd/session/select.h"
#include "finding/path_shapes.h"

bool session_shapes(struct session *session, const struct selection *selection,
                    struct path_shapes *shapes, struct err *err);

#endif
