// SPDX-License-Identifier: GPL-3.0-or-later
// `memory`: all of the process's memory, by owner.
#include <string.h>

#include "cmd/commands/memory_base.h"
#include "cmd/session/select.h"

static const struct column columns[] = {
    { COL(kind), 16, COLUMN_OURS, "what it is for" },
    { COL(name), 14, 0, "a library, a file, a part of an allocator" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN, "of address space" },
    { COL(resident), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_BAR,
      "of these, resident in memory; of a core: on pages that are there and not zero" },
    { COL(private), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_GOES(2),
      "of these, private to the process" },
    { COL(swapped), 8, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_GOES(1), "swapped out" },
    { COL(count), 8, COLUMN_RIGHT | COLUMN_GOES(3), "blocks, pools, mappings, stacks" },
    { COL(what), 24, COLUMN_WIDE | COLUMN_OURS, "what that is" },
    COLUMN_ROW_END,
};

static bool cmd_memory_add_row(struct report *report, const struct memory *memory,
                               const struct memory_row *row, struct err *err)
{
    bool known = row->unknown < row->bytes;
    bool live = memory->residence.known && !memory->residence.by_pages;
    const struct cell cells[] = {
        cell_text(row->kind),
        cell_text(report_foreign(report, row->name)),
        cell_bytes(row->bytes),
        known ? cell_bytes(row->resident) : cell_null(),
        known && live ? cell_bytes(row->own) : cell_null(),
        known && live ? cell_bytes(row->swapped) : cell_null(),
        cell_count(row->count),
        cell_text(row->what && *row->what ? row->what : NULL),
    };
    return report_row(report, cells, err);
}

// Memory with a known owner: all rows but the unknown ones.
static uint64_t cmd_memory_explained(const struct memory *memory)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < memory->row_count; i++)
        if (strcmp(memory->rows[i].name, "unknown")
            && strcmp(memory->rows[i].kind, "malloc unknown"))
            sum += memory->rows[i].bytes;
    return sum;
}

static void cmd_memory_summarize(const struct memory *memory, struct report *report)
{
    const struct memory_row *total = &memory->total;
    bool known = memory->residence.known;
    report_summary(report, "total", cell_bytes(total->bytes));
    report_summary(report, "resident", known ? cell_bytes(total->resident) : cell_null());
    report_summary(report, "private",
                   known && !memory->residence.by_pages ? cell_bytes(total->own) : cell_null());
    report_summary(report, "explained", cell_bytes(cmd_memory_explained(memory)));
    report_summary(report, "trim",
                   memory->glibc.shape && known ? cell_bytes(memory->trim) : cell_null());
    report_summary(report, "malloc", cell_text(memory_malloc(memory)));
    report_summary(report, "arenas", cell_count(memory->glibc.arena_count));
    report_summary(report, "mapped_agree",
                   memory->glibc.mapped_known
                       ? cell_bool(memory->glibc.counts[GLIBC_MAPPED] == memory->glibc.mapped_count)
                       : cell_null());
}

// --- the command ---------------------------------------------------------------------------------

static const struct column *cmd_memory_choose(const struct args *args)
{
    return args->word_count ? memory_base_columns : columns;
}

static bool cmd_memory_run(struct session *session, const struct args *args, struct report *report,
                           struct err *err)
{
    if (!session_memory(session, err))
        return false;
    if (args->word_count)
        return memory_base_report(session, args->words[0], report, err);
    const struct memory *memory = &session->memory;
    struct memory_verdict verdict;
    cmd_memory_summarize(memory, report);
    const char *sentence = selection_verdict(session, &verdict, report);
    if (sentence)
        report->sentence = sentence;
    for (size_t i = 0; i < memory->row_count; i++)
        if ((memory->rows[i].bytes || memory->rows[i].count)
            && !cmd_memory_add_row(report, memory, &memory->rows[i], err))
            return false;
    return true;
}

static const struct option_row options[] = {
    OPTION_ROW_SORT,
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

const struct command cmd_memory = {
    .name = "memory",
    .usage = "[BASE] [-n N]",
    .summary = "all of the process's memory: objects, allocators, stacks, files",
    .help = "Every mapped byte belongs to one row, so that the rows add up to the summary's "
            "`total`; what nobody claims is a row of its own. `resident` is what is in memory: of "
            "a live process as the kernel counts it now, page by page; of a core, pages that are "
            "there and not zero (files are not in a core: their rows have none).\n"
            "\n"
            "glibc's malloc is read block by block: what is in use, and what was freed but kept: "
            "in thread caches, in fast bins, in the other bins, at the end of arenas. The "
            "summary's `trim` is what malloc_trim(0) would give back to the system. `mapped_agree` "
            "is no if the large blocks found differ from glibc's count.\n"
            "\n"
            "Of Python's own allocator: objects, what lies beside them, free blocks of pools in "
            "use, and free pools of such arenas.",
    .example = "memory",
    .options = options,
    .words_most = 1,
    .word_kind = COMPLETE_FILE,
    .columns = columns,
    .choose = cmd_memory_choose,
    .sort = COL_resident,
    .needs = NEEDS_HEAP,
    .reads_values = true,
    .run = cmd_memory_run,
};
