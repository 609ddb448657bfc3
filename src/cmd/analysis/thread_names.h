// SPDX-License-Identifier: GPL-3.0-or-later
// What threads and tasks are called in Python, and what a thread is at.
//
// A thread's name is what `threading._active` has for its ident: that of the main interpreter, and of
// threads that threading knows. A task has its name, or (3.12 on) the number that it is made of.
//
// Does not know: frames. Owns: the names' places. Cost: a look at each living thread.
#ifndef OURO_CMD_ANALYSIS_THREAD_NAMES_H
#define OURO_CMD_ANALYSIS_THREAD_NAMES_H

#include "cmd/session/session.h"

struct thread_names {
    struct thread_name {
        uint64_t ident;
        node name;
    } * items;
    size_t count, capacity;
};

bool thread_names_find(struct thread_names *names, struct session *session, struct err *err);
void thread_names_fini(struct thread_names *names);

struct cell thread_names_cell(const struct thread_names *names, const struct session *session,
                              struct report *report, const struct pythread *thread);
struct cell thread_names_task(const struct session *session, struct report *report, node task);
// "holds the GIL", "crashed"; null: it is not known, or there is no GIL.
struct cell thread_names_state(const struct session *session, const struct pythread *thread);

#endif
