// SPDX-License-Identifier: GPL-3.0-or-later
// Keys that are threads: see living_keys.h.
#include "finding/living_keys.h"

#include <stdlib.h>

#include "heap/names/edge.h"

#define KEYS_LEAST 2 // a single number may be anything
#define SAMPLE 200

addr living_keys_int(const struct finder *f, addr key)
{
    node n = heap_node_of(f->heap, key);
    if (n == NODE_NONE || !(finder_roles(f, n) & ROLE_NUMBER))
        return 0;
    struct text text = TEXT_INIT;
    heap_preview(f->heap, n, 32, &text);
    char *end = NULL;
    addr value = strtoull(text_string(&text), &end, 10);
    bool whole = end && (!*end || !strcmp(end, "L")); // 2.7
    text_fini(&text);
    return whole ? value : 0;
}

bool living_keys_is_thread(const struct finder *f, uint64_t ident)
{
    for (size_t i = 0; ident && i < f->py->interpreter_count; i++) {
        const struct interpreter *interp = &f->py->interpreters[i];
        for (size_t t = 0; t < interp->thread_count; t++)
            if (interp->threads[t].ident == ident || interp->threads[t].tid == ident)
                return true;
    }
    return false;
}

static bool living_keys_is_of_thread(const struct finder *f, addr key)
{
    node n = heap_node_of(f->heap, key);
    if (n == NODE_NONE || !(finder_roles(f, n) & ROLE_INSTANCE)
        || !finder_derives(f, finder_type(f, n), "threading.Thread"))
        return living_keys_is_thread(f, living_keys_int(f, key));
    node ident = heap_attribute(f->heap, n, "_ident");
    if (ident == NODE_NONE)
        ident = heap_attribute(f->heap, n, "_Thread__ident"); // 2.7
    return ident != NODE_NONE
           && living_keys_is_thread(f, living_keys_int(f, heap_addr(f->heap, ident)));
}

bool living_keys_are_threads(const struct finder *f, node n)
{
    addr keys[SAMPLE];
    if (!(finder_roles(f, n) & ROLE_DICT))
        return false;
    size_t count = finder_sample_keys(f, n, keys, SAMPLE), living = 0;
    for (size_t i = 0; i < count; i++)
        living += living_keys_is_of_thread(f, keys[i]);
    return living >= KEYS_LEAST && living * 10 >= count * 9;
}
