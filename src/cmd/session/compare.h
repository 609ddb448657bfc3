// SPDX-License-Identifier: GPL-3.0-or-later
// Comparing the session's heap with an earlier one: another core, a saved heap, or the heap at the stop
// before.
//
// Does not know: rows. The other heap is opened by a session of its own, with this one's options,
// remembered (heap/analysis/baseline.h) and closed: two heaps are never held at once. What it remembers stays
// with the session, so that the next question about the same file is answered at once.
//
// Owns: a comparison's arrays, until comparison_close(). Borrows: the session, and pasts that it
// keeps.
#ifndef OURO_CMD_SESSION_COMPARE_H
#define OURO_CMD_SESSION_COMPARE_H

#include "cmd/session/args.h"
#include "cmd/session/session.h"
#include "heap/analysis/diff.h"

struct comparison {
    struct diff diff;            // base -> the session's heap
    const struct forest *before; // where base's objects hang, if that was asked for and can be told
    uint64_t *fresh; // marks: objects that are new, or only those that were kept; null: two runs
    // With later moments, of each object that is there now: between which of them it was born. 0: it
    // was there at base; i: between the moment i - 1 and the moment i, the open heap being the last.
    uint8_t *births;
    size_t moments; // base, the later ones, and the open heap
    uint64_t fresh_count, kept_count;
    int64_t taken_before; // of base
    bool has_memory;      // of base it is known how much was in memory
    uint64_t memory_before;
};

struct comparing {            // what is wanted of it
    const char *base;         // a file; null or "-": the heap at the stop before
    const char *const *later; // further ones, in the order of time
    size_t later_count;
    bool only_kept; // new is what was born between base and the last of these and is still there
    bool as_runs;   // by name, even within one process
    bool with_places;
};

// Born between base and the last of the later moments, and still there.
static inline bool comparison_is_kept(const struct comparison *comparison, uint32_t n)
{
    uint8_t birth = comparison->births ? comparison->births[n] : 0;
    return birth && (size_t)birth + 1 < comparison->moments;
}

bool comparison_open(struct comparison *comparison, struct session *session,
                     const struct comparing *how, struct err *err);
void comparison_close(struct comparison *comparison);

// Opens another heap with the session's options, asks it, and closes it.
bool compare_visit(const struct session *session, const char *file,
                   bool (*visit)(struct session *other, void *context, struct err *err),
                   void *context, struct err *err);

// When the session's heap was as it is, in milliseconds since 1970: as the file says itself, or as old
// as it is; a process is looked at now. 0: not known.
int64_t compare_taken(const struct session *session);

// Hands over the heap at the stop before; the session owns it from here on.
void session_keep_stop(struct session *session, struct baseline *past);

// The places of the session's own heap. Needs NEEDS_ROOTS.
bool session_places(struct session *session, const struct forest **places, struct err *err);

#define OPTION_ROW_NEW                                                                             \
    {                                                                                              \
        .name = "new", .value = "BASE", .kind = OPTION_TEXT, .complete = COMPLETE_FILE,            \
        .help = "only objects that are new since that core, or since the last stop (-)"            \
    }
#define OPTION_ROW_KEPT                                                                            \
    {                                                                                              \
        .name = "kept", .kind = OPTION_FLAG,                                                       \
        .help = "only objects created between BASE and the last LATER and still there"             \
    }

#endif
