// SPDX-License-Identifier: GPL-3.0-or-later
// What changed between CPython versions: see rules.h.
#include "py/runtime/rules.h"

static enum instance_rule instance_rule(uint32_t version)
{
    if (version < PYMINOR(3, 11))
        return INSTANCE_DICT;
    if (version < PYMINOR(3, 12))
        return INSTANCE_TWO;
    if (version < PYMINOR(3, 13))
        return INSTANCE_TAGGED;
    return INSTANCE_INLINE;
}

// gh-130327 and its kin changed what PyObject_VisitManagedDict visits, in 3.13.13 and 3.14.4.
static bool values_hide_dict(uint32_t version)
{
    return (version >= PYMINOR(3, 13) && version < PYVER(3, 13, 13) - 0xf0)
           || (version >= PYMINOR(3, 14) && version < PYVER(3, 14, 4) - 0xf0);
}

// 3.14.0 to 3.14.4 and alphas of 3.15. Vendors have removed it from releases that had it, so the
// collector's own struct decides: a young list and two old ones instead of generations.
static bool is_incremental(const struct layout *l)
{
    return !l->free_threaded && l->_gc_runtime_state_generations < 0
           && l->_gc_runtime_state_young >= 0 && l->_gc_runtime_state_old >= 0;
}

bool rules_know(uint32_t version)
{
    return (version >= PYMINOR(2, 7) && version < PYMINOR(2, 8))
           || (version >= PYMINOR(3, 6) && version < PYMINOR(3, RULES_NEWEST + 1));
}

bool rules_are_newer(uint32_t version)
{
    return version >= PYMINOR(3, RULES_NEWEST + 1) && version < PYMINOR(4, 0);
}

static enum lines_rule lines_rule(uint32_t version)
{
    return version < PYMINOR(3, 10)   ? LINES_DELTAS
           : version < PYMINOR(3, 11) ? LINES_RANGES
                                      : LINES_LOCATIONS;
}

// PEP 509, from 3.6 on; 3.12 and 3.13 keep watcher bits in it, and 3.14 nothing else
// (Include/internal/pycore_dict.h).
static uint32_t dict_version_step(uint32_t version)
{
    if (version < PYMINOR(3, 6) || version >= PYMINOR(3, 14))
        return 0;
    return version >= PYMINOR(3, 13) ? 1 << 12 : version >= PYMINOR(3, 12) ? 1 << 8 : 1;
}

void rules_set(struct rules *rules, uint32_t version, const struct layout *layout)
{
    *rules = (struct rules){
        .instance = instance_rule(version),
        .values_hide_dict = values_hide_dict(version),
        .old_gc_head = version < PYMINOR(3, 8),
        .gc_refs_shifted = version >= PYMINOR(3, 6) && version < PYMINOR(3, 8),
        .incremental = is_incremental(layout),
        .free_threaded = layout->free_threaded,
        .code_unique_id = version >= PYMINOR(3, 14),
        .thread_bytecode = layout->free_threaded && version >= PYMINOR(3, 14),
        .list_array = layout->free_threaded && version >= PYMINOR(3, 14),
        .immortal = version >= PYMINOR(3, 12),
        .refcount_low32 = version >= PYMINOR(3, 14),
        .stackrefs = version >= PYMINOR(3, 14),
        .subtype_visits_type = version < PYMINOR(3, 9),
        .types_visited = version >= PYMINOR(3, 9),
        .presize_by_flag = version >= PYMINOR(3, 11) && version < PYMINOR(3, 13),
        .generator_code_kept = version >= PYMINOR(3, 14),
        .weakrefs_late = version >= PYMINOR(3, 15),
        .awaited_below_top = version >= PYMINOR(3, 15),
        .builtin_state = version >= PYMINOR(3, 12),
        .counts_before = version < PYMINOR(3, 7),
        .dict_general_by_lookup = version < PYMINOR(3, 11) && version >= PYMINOR(3, 0),
        .deferred_bias = version < PYMINOR(3, 14) ? 1 : INT64_MAX / 8,
        .untracks_tuples = layout->free_threaded || is_incremental(layout),
        .untracks_dicts = layout->free_threaded && version < PYMINOR(3, 14),
        .two = version < PYMINOR(3, 0),
        .small_ints_pointed = version >= PYMINOR(3, 8),
        .interned_immortal = version >= PYMINOR(3, 12),
        .frozen_uncounted = version >= PYMINOR(3, 11) && version < PYMINOR(3, 12),
        .state_in_tls = version >= PYMINOR(3, 12),
        .finalizing_apart = version < PYMINOR(3, 7),
        .resurrected_keep_all = version < PYMINOR(3, 9),
        .has_freeze = version >= PYMINOR(3, 7),
        .structseq_visits_hidden = version >= PYMINOR(3, 8),
        .memo_visited =
            (version >= PYVER(3, 11, 7) && version < PYMINOR(3, 12)) || version >= PYVER(3, 12, 1),
        .scanner_has_strict = version < PYMINOR(3, 7),
        .lru_elements_own = version < PYMINOR(3, 7),
        .lru_element_types = version >= PYMINOR(3, 10),
        .methodcaller_name = version >= PYMINOR(3, 10),
        .methodcaller_tuples = version >= PYMINOR(3, 14),
        .dict_version_step = dict_version_step(version),
        .zero_has_digit = version >= PYMINOR(3, 11),
        .frame_has_slot = version < PYMINOR(3, 10),
        .stgdict_has_sizeof = version >= PYMINOR(3, 7),
        .simplequeue_has_sizeof = version >= PYMINOR(3, 15),
        .lines = lines_rule(version),
        .wordcode = version >= PYMINOR(3, 6),
        .jump_in_words = version >= PYMINOR(3, 10),
        .jump_relative = version >= PYMINOR(3, 11),
        .call_in_pairs = version >= PYMINOR(3, 11),
        .attribute_has_flag = version >= PYMINOR(3, 12),
        .null_above = version >= PYMINOR(3, 13),
        .function_bare = version >= PYMINOR(3, 13),
        .spread_keywords = version >= PYMINOR(3, 14),
        .pool_bytes = version < PYMINOR(3, 10) ? 4096 : 16384,
        .arena_bytes = version < PYMINOR(3, 10) ? 256 << 10 : 1 << 20,
    };
}
