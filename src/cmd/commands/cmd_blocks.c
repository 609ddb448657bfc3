// SPDX-License-Identifier: GPL-3.0-or-later
// `blocks` and `block`: the blocks of C memory, and whose they are.
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/vec.h"
#include "cmd/session/select.h"
#include "heap/memory/block_content.h"

static const struct column columns[] = {
    { COL(block), 18, COLUMN_OBJECT,
      "its address, as malloc() returned it; of a group, one of them" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_BAR,
      "its size, including malloc's header" },
    { COL(count), 8, COLUMN_RIGHT, "blocks in the group" },
    { COL(owner), 20, 0, "the object; else the variable or the stack" },
    { COL(type), 18, 0, "the owner's type" },
    { COL(how), 8, 0, "object, buffer, reached, global, stack, other or lost" },
    { COL(what), 24, COLUMN_WIDE, "what refers to it, and what its bytes are" },
    COLUMN_ROW_END,
};

enum blocks_by {
    BLOCKS_EACH,
    BLOCKS_SIZE,
    BLOCKS_OWNER,
    BLOCKS_LIBRARY,
    BLOCKS_CONTENT,
    BLOCKS_STRUCT
};

static bool blocks_by_of(const char *word, enum blocks_by *by, struct err *err)
{
    static const char *const names[] = { "", "size", "owner", "library", "content", "struct" };
    for (size_t i = 1; word && i < sizeof names / sizeof *names; i++)
        if (!strcmp(word, names[i])) {
            *by = (enum blocks_by)i;
            return true;
        }
    if (!word)
        return true;
    return err_set(err, ERR_USAGE,
                   "blocks: --by takes size, owner, library, content or struct, not '%s'", word);
}

static struct cell blocks_text(struct report *report, const struct text *text)
{
    return text->size ? cell_text(report_text(report, text_string(text), text->size)) : cell_null();
}

static struct cell blocks_owner(struct report *report, struct block_owners *o, uint32_t block)
{
    if (o->owner[block] != NODE_NONE)
        return cell_object(o->owner[block]);
    struct text text = TEXT_INIT;
    block_holder(o, block, &text);
    struct cell cell = blocks_text(report, &text);
    text_fini(&text);
    return cell;
}

static void blocks_what(struct session *session, uint32_t block, struct text *out)
{
    struct block_owners *o = &session->blocks;
    if (o->how[block] == BLOCK_REACHED) {
        block_path(o, block, out);
        text_add_string(out, o->marks[block] & BLOCK_SHARED ? ", shared; " : "; ");
        size_t before = out->size;
        block_struct(o, block, out);
        if (out->size > before)
            text_add_string(out, "; ");
    }
    if (o->how[block] != BLOCK_OBJECT && o->how[block] != BLOCK_BUFFER)
        block_content(o, block, out);
}

static bool blocks_add_row(struct session *session, struct report *report, uint32_t block,
                           uint64_t bytes, uint64_t count, const char *what, struct err *err)
{
    struct block_owners *o = &session->blocks;
    struct text text = TEXT_INIT;
    if (!what)
        blocks_what(session, block, &text);
    const struct cell cells[] = {
        cell_addr(o->rows[block].at),
        cell_bytes(bytes),
        cell_count(count),
        blocks_owner(report, o, block),
        o->owner[block] != NODE_NONE ? cell_type_of(o->owner[block]) : cell_null(),
        cell_text(block_how_name((enum block_how)o->how[block])),
        what ? cell_text(report_text(report, what, strlen(what))) : blocks_text(report, &text),
    };
    text_fini(&text);
    return report_row(report, cells, err);
}

// --- groups --------------------------------------------------------------------------------------

struct blocks_group {
    uint32_t first;
    uint64_t bytes, count;
    char *what;
};

struct blocks_groups {
    struct blocks_group *rows;
    size_t count, room;
    struct map by_key;
};

static uint64_t blocks_hash(const struct text *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); // FNV-1a
    for (size_t i = 0; i < text->size; i++)
        hash = (hash ^ (uint8_t)text->data[i]) * UINT64_C(0x100000001b3);
    return hash;
}

// The group's name: blocks with the same name are one group.
static void blocks_key(struct session *session, enum blocks_by by, uint32_t block, struct text *key)
{
    struct block_owners *o = &session->blocks;
    switch (by) {
    case BLOCKS_SIZE:
        text_add_count(key, block_owners_bytes(o, block));
        text_add_string(key, " bytes");
        return;
    case BLOCKS_OWNER:
        if (o->owner[block] != NODE_NONE)
            text_add_string(key, heap_type_name(o->heap, heap_type(o->heap, o->owner[block])));
        else
            block_holder(o, block, key);
        return;
    case BLOCKS_LIBRARY: {
        int module = block_library(o, block);
        const char *path = module >= 0 ? session->target.modules[module].path : "no library";
        text_add_escaped(key, path, strlen(path));
        return;
    }
    case BLOCKS_STRUCT: {
        size_t before = key->size;
        block_struct(o, block, key);
        if (key->size == before)
            text_add_string(key, "no struct known");
        return;
    }
    default:
        text_add_count(key, block_owners_bytes(o, block));
        text_add_string(key, " bytes: ");
        block_kind(o, block, key);
        return;
    }
}

static bool blocks_put(struct session *session, struct blocks_groups *groups, enum blocks_by by,
                       uint32_t block, struct text *key, struct err *err)
{
    text_clear(key);
    text_add_string(key, block_how_name((enum block_how)session->blocks.how[block]));
    text_add_char(key, ' ');
    size_t from = key->size;
    blocks_key(session, by, block, key);
    uint64_t hash = blocks_hash(key);
    uint32_t index = map_get(&groups->by_key, hash);
    if (index == MAP_NONE) {
        index = (uint32_t)groups->count;
        if (!text_ok(key, err)
            || !vec_grow(&groups->rows, &groups->room, groups->count + 1, sizeof *groups->rows, err)
            || !map_put(&groups->by_key, hash, index, err))
            return false;
        groups->rows[groups->count++] =
            (struct blocks_group){ .first = block, .what = strdup(text_string(key) + from) };
    }
    groups->rows[index].count++;
    groups->rows[index].bytes += block_owners_bytes(&session->blocks, block);
    return true;
}

static bool blocks_in_groups(struct session *session, enum blocks_by by, bool lost, bool all,
                             struct report *report, struct err *err)
{
    struct block_owners *o = &session->blocks;
    struct blocks_groups groups = { 0 };
    struct text key = TEXT_INIT, what = TEXT_INIT;
    bool ok = true;
    for (uint32_t i = 0; ok && i < o->count; i++)
        if ((all || o->bytes_in[i] != BLOCK_NONE) && (!lost || o->how[i] == BLOCK_LOST))
            ok = blocks_put(session, &groups, by, i, &key, err);
    for (size_t i = 0; ok && i < groups.count; i++) {
        const struct blocks_group *g = &groups.rows[i];
        text_clear(&what);
        text_add_count(&what, g->count);
        text_add_string(&what, text_plural(g->count, " block: ", " blocks: "));
        text_add_string(&what, g->what ? g->what : "?");
        ok = blocks_add_row(session, report, g->first, g->bytes, g->count, text_string(&what), err);
    }
    for (size_t i = 0; i < groups.count; i++)
        free(groups.rows[i].what);
    free(groups.rows);
    map_fini(&groups.by_key);
    text_fini(&key);
    text_fini(&what);
    return ok;
}

// --- the commands --------------------------------------------------------------------------------

static void blocks_summarize(const struct block_owners *o, struct report *report)
{
    static const char *const keys[] = { "lost_bytes",    "object_bytes", "buffer_bytes",
                                        "reached_bytes", "global_bytes", "stack_bytes",
                                        "other_bytes" };
    uint64_t count = 0;
    for (size_t h = 0; h < BLOCK_HOWS; h++) {
        report_summary(report, keys[h], cell_bytes(o->bytes[h]));
        count += o->counts[h];
    }
    report_summary(report, "blocks", cell_count(count));
    report_summary(report, "lost", cell_count(o->counts[BLOCK_LOST]));
}

static bool blocks_run(struct session *session, const struct args *args, struct report *report,
                       struct err *err)
{
    enum blocks_by by = BLOCKS_EACH;
    bool lost = args_has(args, "lost"), all = args_has(args, "all");
    if (!blocks_by_of(args_text(args, "by"), &by, err) || !session_blocks(session, err))
        return false;
    struct block_owners *o = &session->blocks;
    blocks_summarize(o, report);
    report->empty = lost ? "each block in use has a word somewhere that may be its address"
                         : "no malloc that ouro can read";
    if (by != BLOCKS_EACH)
        return blocks_in_groups(session, by, lost, all, report, err);
    for (uint32_t i = 0; i < o->count; i++)
        if ((all || o->bytes_in[i] != BLOCK_NONE) && (!lost || o->how[i] == BLOCK_LOST)
            && !blocks_add_row(session, report, i, block_owners_bytes(o, i), 1, NULL, err))
            return false;
    return true;
}

static const struct option_row options[] = {
    { .name = "lost", .kind = OPTION_FLAG, .help = "only those that no word refers to" },
    { .name = "by",
      .value = "WHAT",
      .kind = OPTION_TEXT,
      .choices = "size owner library content struct",
      .help =
          "in groups: size, owner, library, content (of equal size and with an equal beginning), "
          "or struct (if debug information knows what the owner's members point at)" },
    { .name = "all", .kind = OPTION_FLAG, .help = "include blocks of Python's own allocator" },
    OPTION_ROW_SORT,
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

const struct command cmd_blocks = {
    .name = "blocks",
    .usage = "[--lost] [--by WHAT] [--all] [-n N]",
    .summary = "the blocks of C memory, and who owns them",
    .help =
        "Each block of malloc that is in use is an `object`; a `buffer` of one, which counts its "
        "bytes in its own size; `reached` from a word of an object, or of a block that is reached "
        "in this way; from a `global` variable of a library; from a `stack`; from `other` memory; "
        "or `lost`: there is no word anywhere that may be the address of any of its bytes.\n"
        "\n"
        "Objects and buffers are known. The rest is a conservative scan, in this order: a number "
        "may look like an address, and a stale one may be left somewhere, so a leaked block may be "
        "called reached. A block that is called lost has leaked, unless its address is kept in "
        "another form (compressed, xored, in a file).",
    .example = "blocks --lost --by content",
    .options = options,
    .columns = columns,
    .sort = COL_bytes,
    .needs = NEEDS_HEAP,
    .reads_values = true,
    .run = blocks_run,
};

// --- one block -----------------------------------------------------------------------------------

static const struct column block_columns[] = {
    { COL(name), 12, 0, "what is told" },
    { COL(value), 24, COLUMN_WIDE, "what it is" },
    COLUMN_ROW_END,
};

static bool block_tell(struct report *report, const char *name, struct cell value, struct err *err)
{
    return report_row(report, (const struct cell[]){ cell_text(name), value }, err);
}

static bool block_tell_text(struct report *report, const char *name, const struct text *text,
                            struct err *err)
{
    return block_tell(report, name, blocks_text(report, text), err);
}

// Names the owner of a block that is in use.
static bool block_tell_owner(struct session *session, uint32_t block, struct report *report,
                             struct err *err)
{
    struct block_owners *o = &session->blocks;
    struct text text = TEXT_INIT;
    node owner = o->owner[block];
    bool ok =
        block_tell(report, "how", cell_text(block_how_name((enum block_how)o->how[block])), err)
        && block_tell(report, "owner", blocks_owner(report, o, block), err)
        && block_tell(report, "type", owner != NODE_NONE ? cell_type_of(owner) : cell_null(), err);
    block_path(o, block, &text);
    ok = ok && block_tell_text(report, "way", &text, err);
    text_clear(&text);
    block_struct(o, block, &text);
    ok = ok && block_tell_text(report, "struct", &text, err);
    text_clear(&text);
    block_content(o, block, &text);
    ok = ok && block_tell_text(report, "content", &text, err)
         && block_tell(report, "shared", cell_bool(o->marks[block] & BLOCK_SHARED), err);
    text_fini(&text);
    return ok;
}

static bool block_address(const char *word, addr *at, struct err *err)
{
    char *end;
    *at = strtoull(word, &end, 16);
    if (*end || strncmp(word, "0x", 2))
        return err_set(err, ERR_USAGE, "block: an address (0x...), not '%s'", word);
    return true;
}

static bool block_run(struct session *session, const struct args *args, struct report *report,
                      struct err *err)
{
    addr at;
    if (!block_address(args->words[0], &at, err) || !session_blocks(session, err))
        return false;
    struct block_owners *o = &session->blocks;
    uint32_t block = block_index_find(&o->index, at);
    size_t number = memory_block_of(&session->memory, at);
    struct memory_block found = { 0 };
    if (number != SIZE_MAX)
        found = memory_block(&session->memory, number);
    if (block == BLOCK_NONE && (number == SIZE_MAX || at < found.at))
        return err_set(err, ERR_NOT_FOUND, "block: %s lies in no block of malloc", args->words[0]);
    bool python = block != BLOCK_NONE && o->bytes_in[block] == BLOCK_NONE;
    addr start = block != BLOCK_NONE ? o->rows[block].at : found.at;
    uint64_t bytes = block != BLOCK_NONE ? block_owners_bytes(o, block) : found.bytes;
    return block_tell(report, "block", cell_addr(start), err)
           && block_tell(report, "bytes", cell_bytes(bytes), err)
           && block_tell(report, "inside", cell_count(at - start), err)
           && block_tell(report, "state",
                         cell_text(python        ? "in use, of Python's allocator"
                                   : found.state ? found.state
                                                 : "in use"),
                         err)
           && (block == BLOCK_NONE || block_tell_owner(session, block, report, err));
}

static const struct option_row block_options[] = {
    OPTION_ROW_END,
};

const struct command cmd_block = {
    .name = "block",
    .usage = "ADDR",
    .summary = "one block of C memory: its state, its owner, its content",
    .help = "ADDR is the address of any of its bytes. `way` is the path from its owner: an offset "
            "in the object, then one in each block along the way.",
    .example = "block 0x7f3c5c000b20",
    .options = block_options,
    .words_least = 1,
    .words_most = 1,
    .columns = block_columns,
    .needs = NEEDS_HEAP,
    .reads_values = true,
    .run = block_run,
};
