// SPDX-License-Identifier: GPL-3.0-or-later
// `bytes`: memory word by word, each with what it is.
#include <ctype.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/unused.h"
#include "cmd/session/select.h"
#include "heap/names/edge.h"
#include "py/extension/structs.h"
#include "py/kinds/kind.h"
#include "py/load.h"
#include "py/objects/member.h"
#include "py/objects/str.h"
#include "py/runtime/finalizer.h"

#define WORDS_SHOWN 64
#define PREVIEW_WIDTH 60
#define SMALL 65536 // a word below is a number, not a pointer

static const struct column columns[] = {
    { COL(address), 18, 0, "where the word lies" },
    { COL(word), 18, 0, "its eight bytes as a number" },
    { COL(what), 40, COLUMN_WIDE,
      "refcount, type, a member's name; what a pointer points at; text" },
    { COL(object), 18, COLUMN_OBJECT, "the object that it points at, or into" },
    COLUMN_ROW_END,
};

struct dump {
    const struct session *session;
    node object; // the object that owns this memory; NODE_NONE: no known owner
    addr object_at;
    const struct type *type;
    struct heap_edges edges; // of the object
};

// --- names of words -----------------------------------------------------------------------------

// Members of containers that are not references, by their place in the layout.
static const struct bytes_member {
    traits of;
    size_t place;
    const char *name;
} bytes_members[] = {
    { TRAIT_LIST, offsetof(struct layout, PyListObject_ob_item), "ob_item" },
    { TRAIT_LIST, offsetof(struct layout, PyListObject_allocated), "allocated" },
    { TRAIT_LIST, offsetof(struct layout, PyVarObject_ob_size), "ob_size" },
    { TRAIT_ANY_DICT, offsetof(struct layout, PyDictObject_ma_used), "ma_used" },
    { TRAIT_ANY_DICT, offsetof(struct layout, PyDictObject_ma_keys), "ma_keys" },
    { TRAIT_ANY_DICT, offsetof(struct layout, PyDictObject_ma_values), "ma_values" },
    { TRAIT_ANY_SET, offsetof(struct layout, PySetObject_mask), "mask" },
    { TRAIT_ANY_SET, offsetof(struct layout, PySetObject_table), "table" },
    { TRAIT_TEXT, offsetof(struct layout, PyASCIIObject_length), "length" },
    { TRAIT_TEXT, offsetof(struct layout, PyASCIIObject_state), "state" },
    { TRAIT_TYPE, offsetof(struct layout, PyTypeObject_tp_flags), "tp_flags" },
};

static const char *bytes_layout_name(const struct dump *dump, int64_t offset)
{
    for (size_t i = 0; i < sizeof bytes_members / sizeof *bytes_members; i++) {
        int32_t place;
        memcpy(&place, (const char *)&dump->session->py.layout + bytes_members[i].place,
               sizeof place);
        if (place == offset && type_is(dump->type, bytes_members[i].of))
            return bytes_members[i].name;
    }
    return NULL;
}

static bool bytes_is_sized(const struct python *py, const struct type *type)
{
    return type->itemsize
           && !((type->flags & TPFLAGS_LONG_SUBCLASS) && py->layout.PyLongObject_lv_tag >= 0);
}

// The name of a word in every object's header. Null: none at this offset.
static const char *bytes_header_name(const struct dump *dump, int64_t offset)
{
    const struct python *py = &dump->session->py;
    const struct layout *l = &py->layout;
    int head = dump->type->head;
    if (offset < 0 && head == 16)
        return offset == -16 ? "_gc_next" : offset == -8 ? "_gc_prev" : "in front of the header";
    if (offset < 0)
        return head && offset == -head        ? "gc_next"
               : head && offset == -head + 8  ? "gc_prev"
               : head && offset == -head + 16 ? "gc_refs"
                                              : "in front of the object";
    if (py->rules.free_threaded && offset < l->PyObject_ob_type)
        return offset == 0   ? "ob_tid"
               : offset == 8 ? "flags, lock, gc bits, ob_ref_local"
                             : "ob_ref_shared";
    if (offset == l->PyObject_ob_refcnt)
        return "refcount";
    if (offset == l->PyObject_ob_type)
        return "type";
    return offset == l->PyVarObject_ob_size && bytes_is_sized(py, dump->type) ? "ob_size" : NULL;
}

// Adds a member's name, or that of the reference which leads where the word does.
static void bytes_add_name(const struct dump *dump, addr at, node to, struct text *out)
{
    const struct python *py = &dump->session->py;
    int64_t offset = (int64_t)(at - dump->object_at);
    if (dump->object == NODE_NONE)
        return;
    const char *known = bytes_header_name(dump, offset);
    known = known ? known : bytes_layout_name(dump, offset);
    addr member = known ? 0 : type_member_at(py, dump->type, offset);
    if (known)
        text_add_string(out, known);
    else if (member)
        str_append_c(py, member, PREVIEW_WIDTH, out);
    else if (structs_name(py, dump->type, offset, out) != STRUCTS_NAMED && to != NODE_NONE)
        for (size_t i = 0; i < dump->edges.count; i++)
            if (dump->edges.items[i].to == to) {
                text_add_string(out, heap_edge_name(&dump->edges, i));
                break;
            }
}

// --- what a word is -----------------------------------------------------------------------------

static void bytes_add_text(uint64_t word, struct text *out)
{
    char text[9] = "";
    memcpy(text, &word, 8);
    size_t size = 0;
    while (size < 8 && isprint((unsigned char)text[size]))
        size++;
    for (size_t i = size; i < 8; i++)
        if (text[i])
            return; // the string does not end in zeros alone
    if (size < 3)
        return;
    text_add_string(out, "text '");
    text_add_escaped(out, text, size);
    text_add_char(out, '\'');
}

static void bytes_add_module(const struct session *session, uint64_t word, struct text *out)
{
    struct target *target = session->py.target;
    char symbol[200];
    int module = target_module_of(target, word);
    if (module < 0) {
        text_add_string(out, "an address in memory");
        return;
    }
    const char *path = target->modules[module].path, *slash = path ? strrchr(path, '/') : NULL;
    if (target_symbolize(target, word, symbol, sizeof symbol)) {
        text_add_escaped(out, symbol, strlen(symbol));
        text_add_string(out, " of ");
    } else {
        text_add_string(out, "in ");
    }
    path = slash ? slash + 1 : path ? path : "?";
    text_add_escaped(out, path, strlen(path));
}

// Adds the type that a header's type word points at; the word may be damaged.
static void bytes_add_type(const struct session *session, uint64_t word, struct text *out)
{
    const struct type *type = type_at(&session->py, word);
    if (type)
        text_add_string(out, type->name);
    else
        text_add_string(out, "is not a type: the object is damaged, or there is none");
}

static void bytes_add_target(const struct session *session, uint64_t word, node to,
                             struct text *out)
{
    const struct heap *heap = &session->heap;
    if (to != NODE_NONE && heap_addr(heap, to) == word) {
        text_add_format(out, "%s ", heap_type_name(heap, heap_type(heap, to)));
        heap_preview(heap, to, PREVIEW_WIDTH, out);
    } else if (to != NODE_NONE) {
        addr start = heap_addr(heap, to);
        const char *type = heap_type_name(heap, heap_type(heap, to));
        if (word < start)
            text_add_format(out, "the header of %s", type);
        else
            text_add_format(out, "inside %s, +%" PRIu64, type, word - start);
    } else if (word < SMALL || word >> 63) {
        text_add_format(out, "%" PRId64, (int64_t)word);
    } else if (target_view(session->py.target, word & ~UINT64_C(7), 8)) {
        bytes_add_module(session, word, out);
    } else {
        bytes_add_text(word, out);
    }
}

static bool bytes_add_word(struct dump *dump, struct report *report, addr at, uint64_t word,
                           struct err *err)
{
    const struct session *session = dump->session;
    const struct heap *heap = &session->heap;
    struct text name = TEXT_INIT, what = TEXT_INIT;
    node to = word < SMALL ? NODE_NONE : heap_node_of(heap, word);
    if (to == NODE_NONE && word >= SMALL)
        to = heap_node_around(heap, word);
    if (to == dump->object && word != dump->object_at)
        to = NODE_NONE;
    bytes_add_name(dump, at, to, &name);
    bool own = dump->object != NODE_NONE;
    const struct layout *l = &session->py.layout;
    int64_t offset = (int64_t)(at - dump->object_at);
    if (own && offset == l->PyObject_ob_type)
        bytes_add_type(session, word, &what);
    else if (own && offset == l->PyObject_ob_refcnt && !session->py.rules.free_threaded) {
        bool immortal = false;
        int64_t count = gc_refcount(&session->py, dump->object_at, &immortal);
        text_add_format(&what, immortal ? "immortal" : "%" PRId64, count);
    } else {
        bytes_add_target(session, word, to, &what);
    }
    const char *between = name.size && what.size ? ": " : "";
    const struct cell cells[] = {
        cell_addr(at),
        cell_addr(word),
        cell_text(report_format(report, "%s%s%s", text_string(&name), between, text_string(&what))),
        to == NODE_NONE ? cell_null() : cell_object(to),
    };
    bool ok = text_ok(&what, err) && report_row(report, cells, err);
    text_fini(&name);
    text_fini(&what);
    return ok;
}

// --- the command --------------------------------------------------------------------------------

static void bytes_ignore(UNUSED struct blocks *blocks, UNUSED addr from, UNUSED uint64_t bytes)
{
}

// Finds where to begin and how many words to show: the object's own size, unless asked otherwise.
static bool bytes_place(struct dump *dump, const char *word, addr *from, uint64_t *words,
                        struct err *err)
{
    const struct session *session = dump->session;
    const struct heap *heap = &session->heap;
    struct err ignored = ERR_INIT;
    addr at = 0;
    bool plain = isdigit((unsigned char)*word) && number_parse(word, &at);
    node n = NODE_NONE;
    dump->object = NODE_NONE;
    *words = WORDS_SHOWN;
    if (plain && heap_node_of(heap, at) == NODE_NONE) {
        *from = at & ~UINT64_C(7);
        n = heap_node_around(heap, at);
    } else if (!session_object((struct session *)session, word, &n, plain ? &ignored : err)) {
        return plain;
    }
    if (n == NODE_NONE)
        return true;
    struct blocks blocks = { .add = bytes_ignore };
    addr start;
    uint64_t bytes;
    dump->object = n;
    dump->object_at = heap_addr(heap, n);
    dump->type = type_row(session->py.types, heap_type(heap, n));
    kind_blocks(&session->py, dump->type, dump->object_at, &blocks, &start, &bytes);
    if (!plain || at == dump->object_at)
        *from = start;
    if (start + bytes > *from)
        *words = (start + bytes - *from + 7) / 8;
    return heap_referents(heap, n, WORDS_SHOWN, &dump->edges, err);
}

static bool cmd_bytes_run(struct session *session, const struct args *args, struct report *report,
                          struct err *err)
{
    struct dump dump = { .session = session };
    addr from = 0;
    uint64_t words = 0;
    bool ok = session_need(session, NEEDS_HEAP, err) && session_need_values(session, "bytes", err)
              && bytes_place(&dump, args->words[0], &from, &words, err);
    uint64_t most = args_number(args, "limit", words < WORDS_SHOWN ? words : WORDS_SHOWN);
    uint64_t read = 0;
    report->limit = 0; // the limit counts words here, not rows
    for (; ok && read < most; read++) {
        const uint8_t *bytes = target_view(session->py.target, from + read * 8, 8);
        if (!bytes)
            break;
        ok = bytes_add_word(&dump, report, from + read * 8, load64(bytes), err);
    }
    report->truncated |= dump.object != NODE_NONE && read < words;
    if (ok && !read)
        return err_set(err, ERR_NOT_FOUND, "no memory at %s", args->words[0]);
    report_summary(report, "words", cell_count(read));
    report_summary(report, "of", dump.object == NODE_NONE ? cell_null() : cell_object(dump.object));
    heap_edges_fini(&dump.edges);
    return ok;
}

static const struct option_row options[] = {
    { .letter = 'n',
      .name = "limit",
      .value = "N",
      .kind = OPTION_COUNT,
      .help = "at most N words, even beyond the end of the object" },
    OPTION_ROW_END,
};

const struct command cmd_bytes = {
    .name = "bytes",
    .usage = "OBJ|ADDR [-n N]",
    .summary = "memory word by word, each with its meaning",
    .help = "Of an object everything that is its own, the collector's header in front of it first, "
            "up to 64 words; of another address as many words from there. A type word that is not "
            "a type, a pointer to nowhere, text where a pointer should be: this shows what a "
            "damaged heap was overwritten with.",
    .example = "bytes app.CACHE",
    .options = options,
    .words_least = 1,
    .words_most = 1,
    .word_kind = COMPLETE_OBJECT,
    .columns = columns,
    .needs = NEEDS_HEAP,
    .reads_values = true,
    .run = cmd_bytes_run,
};
