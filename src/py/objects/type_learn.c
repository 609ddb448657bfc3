// SPDX-License-Identifier: GPL-3.0-or-later
// What is learned of types by examining many of them: the address of subtype_traverse, by vote, and
// up to 3.10 the look-up function of dicts that have keys other than str. See type.h.
#include "base/unused.h"
#include "py/memory/mimalloc.h"
#include "py/objects/dict.h"
#include "py/objects/type.h"
#include "py/read.h"
#include "py/runtime/gc.h"

// --- subtype_traverse ---------------------------------------------------------------------------

#define VOTES 8
#define VOTERS_ENOUGH 64
#define VOTERS_FEW 12 // classes in modules' dicts; every interpreter starts with some dozen
#define VALUES_MAX 100000
#define VOTES_SLOW 8 // for one function, and more than for all others: if reading is slow
#define OBJECTS_MAX 2000000

struct vote {
    addr function;
    unsigned count;
};

// A class that a `class` statement derived directly from object, with attributes, has
// subtype_traverse; almost nothing else looks like one.
static addr vote_of(const struct python *py, addr object)
{
    const uint8_t *o = VIEW(py, object, PyTypeObject);
    if (!o || LOAD_TYPE(py, o) != py->type_type)
        return 0;
    bool fits = (LOAD(py, o, PyTypeObject_tp_flags) & TPFLAGS_HEAPTYPE)
                && LOAD(py, o, PyTypeObject_tp_base) == py->object_type
                && LOAD(py, o, PyTypeObject_tp_dictoffset) != 0;
    return fits ? LOAD(py, o, PyTypeObject_tp_traverse) : 0;
}

struct election {
    const struct python *py;
    struct vote votes[VOTES];
    unsigned voters;
    bool decided;
    uint64_t left; // how many objects may still vote
};

// False: enough objects have voted.
static bool election_ask(struct election *election, addr object)
{
    addr function = vote_of(election->py, object);
    for (int i = 0; function && i < VOTES; i++)
        if (election->votes[i].function == function || election->votes[i].function == 0) {
            election->votes[i].function = function;
            election->votes[i].count++;
            election->voters++;
            election->decided |= election->py->target->is_slow
                                 && election->votes[i].count >= VOTES_SLOW
                                 && election->votes[i].count > election->voters / 2;
            break;
        }
    election->decided |= election->voters >= VOTERS_ENOUGH;
    return election->left-- > 1 && !election->decided;
}

// Free-threaded builds have no lists. A type object is a block of its own, after the debug hooks'
// words.
static bool election_block(void *context, enum mimalloc_heap heap, addr block,
                           UNUSED const uint8_t *bytes, uint64_t size)
{
    struct election *election = context;
    if (heap != MIMALLOC_GC || size < SIZE(election->py, PyTypeObject))
        return true;
    return election_ask(election, block) && election_ask(election, block + 16);
}

static void election_lists(struct election *election)
{
    static const int order[] = { GEN_2, GEN_PERMANENT, GEN_1, GEN_0 };
    bool on = true;
    for (size_t i = 0; on && i < 4; i++) {
        struct gc_walk walk;
        gc_walk_begin(&walk, election->py, election->py->interpreters[0].heads[order[i]], false);
        addr object;
        election->left = OBJECTS_MAX;
        while (on && election->left && (object = gc_walk_next(&walk)))
            on = election_ask(election, object) || !election->decided;
    }
}

// Lets the values of a dict vote until there are enough votes.
static void election_dict(struct election *election, addr dict,
                          bool (*ask)(struct election *election, addr value))
{
    const struct python *py = election->py;
    const uint8_t *o = VIEW(py, dict, PyDictObject);
    struct dict_table table;
    if (!o || !dict_open(py, o, &table))
        return;
    for (uint64_t i = 0; i < table.count && election->left; i++) {
        addr value = dict_value(&table, i);
        if (value && !ask(election, value))
            return;
    }
}

static bool election_module(struct election *election, addr module)
{
    const struct layout *l = &election->py->layout;
    const uint8_t *o = VIEW(election->py, module, PyModuleObject);
    if (o && l->PyModuleObject_md_dict >= 0)
        election_dict(election, LOAD(election->py, o, PyModuleObject_md_dict), election_ask);
    return election->left && election->voters < VOTERS_ENOUGH;
}

static const struct vote *election_best(const struct election *election)
{
    const struct vote *best = election->votes;
    for (int i = 1; i < VOTES; i++)
        if (election->votes[i].count > best->count)
            best = &election->votes[i];
    return best;
}

// The classes that modules name are only some thousand words to read. If they do not agree, all
// objects vote.
static bool election_is_clear(const struct election *election)
{
    return election->voters >= VOTERS_FEW
           && election_best(election)->count >= election->voters / 4 * 3;
}

void types_learn(struct python *py)
{
    if (py->layout.sym_subtype_traverse) {
        py->subtype_traverse =
            py->layout.sym_subtype_traverse + py->target->modules[py->module].bias;
        return;
    }
    struct election election = { .py = py, .left = VALUES_MAX };
    election_dict(&election, py->interpreters[0].modules, election_module);
    if (!election_is_clear(&election)) {
        election = (struct election){ .py = py, .left = OBJECTS_MAX };
        if (py->rules.free_threaded)
            mimalloc_each(py, 0, election_block, &election);
        else
            election_lists(&election);
    }
    py->subtype_traverse = election_best(&election)->function;
}

// --- dk_lookup ----------------------------------------------------------------------------------

// A dict that has a key other than str has been switched to the general look-up function.
static addr general_lookup_of(const struct python *py, addr object)
{
    const struct type *type = type_of(py, object);
    const uint8_t *o =
        type && (type->flags & TPFLAGS_DICT_SUBCLASS) ? VIEW(py, object, PyDictObject) : NULL;
    struct dict_table table;
    if (!o || !dict_open(py, o, &table))
        return 0;
    for (uint64_t i = 0; i < table.count && i < 64; i++) {
        addr key = dict_value(&table, i) ? dict_key(&table, i) : 0;
        const struct type *key_type = key ? type_of(py, key) : NULL;
        if (key_type && !(key_type->flags & TPFLAGS_UNICODE_SUBCLASS))
            return READ(py, table.keys_at, _dictkeysobject_dk_lookup);
    }
    return 0;
}

void types_learn_lookdict(struct python *py)
{
    if (!py->rules.dict_general_by_lookup || py->layout.sym_lookdict)
        return;
    static const int order[] = { GEN_2, GEN_PERMANENT, GEN_1, GEN_0 };
    for (size_t i = 0; i < 4; i++) {
        struct gc_walk walk;
        gc_walk_begin(&walk, py, py->interpreters[0].heads[order[i]], false);
        addr object;
        for (uint64_t n = 0; n < OBJECTS_MAX && (object = gc_walk_next(&walk)); n++)
            if ((py->lookdict = general_lookup_of(py, object)))
                return;
    }
}
