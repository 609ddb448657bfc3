// SPDX-License-Identifier: GPL-3.0-or-later
// Merged paths to a selection: see selected_paths.h.
#include "cmd/session/selected_paths.h"

static bool shapes_has(const void *context, node n)
{
    return selection_has(context, n);
}

bool session_shapes(struct session *session, const struct selection *selection,
                    struct path_shapes *shapes, struct err *err)
{
    struct root_paths paths;
    *shapes = (struct path_shapes){ 0 };
    if (!session_need(session, NEEDS_ROOTS, err)
        || !root_paths_find(&paths, &session->heap, &session->roots, &session->options.progress,
                            err))
        return false;
    const struct path_shapes_question question = {
        .heap = &session->heap,
        .roots = &session->roots,
        .paths = &paths,
        .has = shapes_has,
        .context = selection,
        .progress = &session->options.progress,
    };
    bool ok = path_shapes_find(shapes, &question, err);
    root_paths_free(&paths);
    return ok;
}
