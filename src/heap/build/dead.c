// SPDX-License-Identifier: GPL-3.0-or-later
// Recognising dead objects: see dead.h.
#include "heap/build/dead.h"

#include "py/read.h"
#include "py/runtime/gc.h"

#define CHAIN_MAX 65536 // objects per free list
#define TABLES_MAX 80   // of dead dicts

const struct type *dead_type_in_word(const struct python *py, addr word)
{
    if ((word & 7) || word < 4096 || word >> 47)
        return NULL;
    const uint8_t *t = VIEW(py, word, PyTypeObject);
    addr meta = t ? LOAD_TYPE(py, t) : 0;
    if (meta != py->type_type) {
        const uint8_t *m = meta && !(meta & 7) ? VIEW(py, meta, PyTypeObject) : NULL;
        if (!m || !(LOAD(py, m, PyTypeObject_tp_flags) & TPFLAGS_TYPE_SUBCLASS))
            return NULL;
    }
    return type_at(py, word);
}

bool dead_object(const struct python *py, uint32_t lead, const uint8_t *bytes, uint64_t size)
{
    for (uint32_t i = 0; i < DEAD_PRESIZES; i++) {
        uint32_t offset = lead + i * 16;
        if (offset + SIZE(py, PyObject) > size)
            return false;
        const uint8_t *o = bytes + offset;
        bool immortal;
        if (gc_stored_refcount(py, o, &immortal) == 0 && dead_type_in_word(py, LOAD_TYPE(py, o)))
            return true;
    }
    return false;
}

// Heads of free lists, interleaved with their lengths.
static void dead_chains(const struct python *py, addr lists, dead_visit *visit, void *context)
{
    uint64_t size = SIZE(py, _Py_freelists);
    const uint8_t *heads = target_view(py->target, lists, size);
    for (uint64_t k = 0; heads && k + 16 <= size; k += 16) {
        addr item = load64(heads + k);
        for (uint32_t n = 0; n < CHAIN_MAX && item && visit(context, item); n++)
            item = target_u64(py->target, item, NULL);
    }
}

static void dead_tables(const struct python *py, addr items, addr length, dead_visit *visit,
                        void *context)
{
    uint32_t count = target_u32(py->target, length, NULL);
    const uint8_t *words =
        count <= TABLES_MAX ? target_view(py->target, items, (size_t)count * 8) : NULL;
    for (uint32_t i = 0; words && i < count; i++)
        visit(context, load64(words + i * 8));
}

void dead_listed(const struct python *py, dead_visit *visit, void *context)
{
    const struct layout *l = &py->layout;
    for (size_t i = 0; i < py->interpreter_count; i++) {
        addr in = py->interpreters[i].at;
        if (l->sizeof__Py_freelists > 0 && l->PyInterpreterState_object_state >= 0)
            dead_chains(py, INSIDE(py, in, PyInterpreterState_object_state), visit, context);
        if (l->_Py_dict_state_keys_free_list >= 0 && l->PyInterpreterState_dict_state >= 0) {
            addr state = INSIDE(py, in, PyInterpreterState_dict_state);
            dead_tables(py, INSIDE(py, state, _Py_dict_state_keys_free_list),
                        INSIDE(py, state, _Py_dict_state_keys_numfree), visit, context);
        }
        if (l->_Py_object_freelists_dictkeys >= 0 && l->PyInterpreterState_object_state >= 0
            && l->_Py_dict_freelist_items >= 0) {
            addr state = INSIDE(py, INSIDE(py, in, PyInterpreterState_object_state),
                                _Py_object_freelists_dictkeys);
            dead_tables(py, INSIDE(py, state, _Py_dict_freelist_items),
                        INSIDE(py, state, _Py_dict_freelist_numfree), visit, context);
        }
    }
}
