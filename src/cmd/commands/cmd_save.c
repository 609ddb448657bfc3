// SPDX-License-Identifier: GPL-3.0-or-later
// `save FILE`: writes the heap to a file that opens at once, without the core or the target's
// files.
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "cmd/session/disclosed.h"
#include "cmd/session/saved_info.h"
#include "heap/saved/saved_heap.h"
#include "py/runtime/saved_python.h"
#include "target/image.h"
#include "memory/saved_blocks.h"
#include "target/saved_memory.h"

#define BLOCK_LOOK 64

static const struct column columns[] = {
    { COL(file), 20, COLUMN_WIDE, "the saved heap" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN, "its length" },
    { COL(objects), 10, COLUMN_RIGHT, "how many objects are in it" },
    { COL(memory), 10, COLUMN_RIGHT | COLUMN_HUMAN,
      "memory of the target that is in it, uncompressed" },
    { COL(left_out), 10, COLUMN_RIGHT | COLUMN_HUMAN,
      "memory in which nothing is known and that points nowhere: the elements of large arrays" },
    { COL(redacted), 8, 0, "whether values and names were left out" },
    COLUMN_ROW_END,
};

static const char *const of_the_file[] = { "target", "python", "pythons", "warnings", NULL };

struct saving {
    struct session *session;
    struct store_out out;
    uint64_t memory, left_out;
};

// The addresses in C memory that roots are named after.
static addr *named_addresses(const struct heap_roots *roots, size_t *count, struct err *err)
{
    addr *named = NULL;
    size_t capacity = 0;
    *count = 0;
    if (!vec_grow(&named, &capacity, 1, sizeof *named, err))
        return NULL;
    for (size_t i = 0; i < roots->count; i++) {
        if (roots->items[i].root.kind != ROOT_VARIABLE)
            continue;
        if (!vec_grow(&named, &capacity, *count + 1, sizeof *named, err)) {
            free(named);
            return NULL;
        }
        named[(*count)++] = roots->items[i].root.detail;
    }
    return named;
}

// How a block begins says what it is, and its header where its mapping begins.
static void cover_blocks(const struct memory *memory, struct image *image)
{
    for (size_t i = 0; i < memory_block_count(memory); i++) {
        struct memory_block block = memory_block(memory, i);
        if (block.used)
            image_cover(image, block.at - GLIBC_HEADER, block.at + BLOCK_LOOK);
    }
}

static bool write_memory(struct saving *saving, struct err *err)
{
    struct session *session = saving->session;
    struct image image;
    if (!image_init(&image, &session->target, err))
        return false;
    heap_cover(&session->heap, &image);
    if (session->has_memory)
        cover_blocks(&session->memory, &image);
    bool ok = image_write(&image, &saving->out, &session->options.progress, err);
    saving->memory = image.kept;
    saving->left_out = image.left_out;
    image_fini(&image);
    return ok;
}

static bool write_all(struct saving *saving, struct err *err)
{
    struct session *session = saving->session;
    enum disclosure how = session_disclosure(session);
    size_t count;
    addr *named = named_addresses(&session->roots, &count, err);
    if (!named)
        return false;
    target_write(&session->target, session->py.module, named, count, how, &saving->out);
    free(named);
    if (!python_write(&session->py, how, &saving->out, err))
        return false;
    progress_step(&session->options.progress, "writing the heap", 0, 0);
    heap_write(&session->heap, &saving->out);
    heap_roots_write(&session->heap, &session->roots, &saving->out);
    collection_write(&session->heap, &session->garbage, &saving->out);
    tallies_write(&session->heap, &session->garbage, &saving->out);
    if (!saved_info_write(session, of_the_file, &saving->out, err))
        return false;
    if (session->has_memory && discloses_values(how))
        memory_write(&session->memory, &saving->out);
    return !discloses_values(how) || write_memory(saving, err);
}

static bool cmd_save_write_file(struct saving *saving, const char *file, uint64_t *bytes,
                                struct err *err)
{
    if (!store_create(&saving->out, file, saving->session->threads, err))
        return false;
    if (!write_all(saving, err)) {
        store_abandon(&saving->out);
        return false;
    }
    uint32_t flags = saved_heap_flags(session_disclosure(saving->session));
    return store_finish(&saving->out, flags, bytes, err);
}

// Read faults of the census do not count as the heap's: `verify` reports them.
static bool cmd_save_take_census(struct session *session, struct err *err)
{
    uint64_t faults = session->target.faults;
    bool ok = heap_need_census(&session->heap, &session->options.progress, err);
    session->target.faults = faults;
    return ok;
}

// --release is written to the file, and not kept in the session.
static bool cmd_save_write_with(struct saving *saving, const char *file, const char *release,
                                uint64_t *bytes, struct err *err)
{
    struct provenance *of = &saving->session->target.provenance;
    char *known = of->release;
    char *said = release ? strdup(release) : NULL;
    if (release && !said)
        return err_memory(err, "the release");
    of->release = said ? said : known;
    bool ok = cmd_save_write_file(saving, file, bytes, err);
    of->release = known;
    free(said);
    return ok;
}

static bool cmd_save_run(struct session *session, const struct args *args, struct report *report,
                         struct err *err)
{
    struct saving saving = { .session = session };
    struct disclosed disclosed;
    const char *file = args->words[0];
    uint64_t bytes = 0;
    if (!session_need(session, NEEDS_GARBAGE, err) || !cmd_save_take_census(session, err)
        || !disclosed_begin(&disclosed, session, args_disclosure(args), err))
        return false;
    const struct cell shown = session_disclosure_cell(session);
    struct err none = ERR_INIT; // the process's memory may be unknown
    if (session_has_values(session) && session_knows_memory(session))
        session_memory(session, &none);
    bool ok = cmd_save_write_with(&saving, file, args_text(args, "release"), &bytes, err);
    disclosed_end(&disclosed);
    const struct cell cells[] = {
        cell_text(report_foreign(report, file)),
        cell_bytes(bytes),
        cell_count(session->heap.node_count),
        cell_bytes(saving.memory),
        cell_bytes(saving.left_out),
        shown,
    };
    return ok && report_row(report, cells, err);
}

static const struct option_row options[] = {
    OPTION_ROW_REDACT("leave out every value and name of the target, except types and modules"),
    { .name = "release",
      .value = "TEXT",
      .kind = OPTION_TEXT,
      .help = "recorded with it: the release of the program, for `fleet --rows`" },
    OPTION_ROW_END,
};

const struct command cmd_save = {
    .name = "save",
    .usage = "FILE [--redact] [--release TEXT]",
    .summary = "the heap in a file that opens at once, without the core",
    .help =
        "Writes everything that was found and worked out, and the memory that answers are read "
        "from, compressed, to FILE: `ouro FILE` opens it anywhere, without the core, the program "
        "and its libraries, and every command answers as it does now, except those that would run "
        "code of the target. FILE must not exist yet; only its owner may read it.\n"
        "\n"
        "With `--redact` no memory is written, and no value and no name of the target except types "
        "(with their modules and the functions they were defined in) and modules: what is left are "
        "types, sizes, lengths, refcounts, addresses, references and what holds them, by form "
        "(`.?`, `[3]`, `[?]`, `local ?`). Such a file may be sent to somebody who must not see the "
        "data.\n"
        "\n"
        "The machine's name, the container, when the process began and when the snapshot was taken "
        "are recorded, too, as far as they are known (`info` shows them); if redacted, only the "
        "two times. `--release 1.4.2` says which release of the program it is.\n"
        "\n"
        "A file that was cut off does not open. Of one that was damaged otherwise nothing is read "
        "that is not as it was written; `verify` compares all of it.",
    .example = "save app.heap",
    .options = options,
    .words_least = 1,
    .words_most = 1,
    .word_kind = COMPLETE_FILE,
    .columns = columns,
    .needs = NEEDS_ROOTS,
    .writes = "",
    .run = cmd_save_run,
};
