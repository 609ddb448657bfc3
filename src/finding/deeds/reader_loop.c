// SPDX-License-Identifier: GPL-3.0-or-later
// Loops: what is done again and again, and in those that never end: see deed_reader.h.
#include "finding/deeds/deed_reader.h"

#include "base/vec.h"

// Whether functions of the program are called from there on.
static bool reader_calls_since(const struct deed_reader *reader, uint64_t target)
{
    const struct deeds *deeds = reader->deeds;
    for (size_t i = deeds->count; i-- > reader->first && deeds->items[i].offset >= target;)
        if (deeds->items[i].what == DEED_CALL
            && map_get(&deeds->functions, deeds->items[i].name) != MAP_NONE)
            return true;
    return false;
}

static void reader_note_loop(struct deed_reader *reader, uint64_t target, uint64_t offset)
{
    struct deeds *deeds = reader->deeds;
    struct deed_code *code = (struct deed_code *)reader->code;
    if (!code->is_active) // nobody asks
        return;
    if (!vec_grow(&deeds->loops, &deeds->loop_capacity, deeds->loop_count + 1, sizeof *deeds->loops,
                  NULL)) {
        deeds->out_of_memory = true;
        return;
    }
    if (!code->loop_count++)
        code->first_loop = (uint32_t)deeds->loop_count;
    deeds->loops[deeds->loop_count++] =
        (struct deed_loop){ .begin = (uint32_t)target,
                            .end = (uint32_t)offset,
                            .calls = reader_calls_since(reader, target) };
}

// `while True:` without a way out but an error. stored: bits, the first variables that get another
// value in it.
static bool reader_is_endless(const struct deed_reader *reader, uint64_t begin, uint64_t end,
                              uint64_t *stored)
{
    struct bytecode bytecode = reader->bytecode;
    struct instruction now;
    *stored = 0;
    for (bytecode.at = begin; bytecode_next(&bytecode, &now) && now.offset <= end;) {
        bool jumps = now.what == BYTECODE_JUMP || now.what == BYTECODE_JUMP_IF;
        if ((jumps && now.number > end) || now.what == BYTECODE_RETURN
            || now.what == BYTECODE_RETURN_CONST
            || (now.what == BYTECODE_ITERATE && now.offset == begin))
            return false;
        bool stores = now.what == BYTECODE_STORE_LOCAL || now.what == BYTECODE_STORE_LOAD
                      || now.what == BYTECODE_STORE_STORE;
        if (stores && now.number < 64)
            *stored |= UINT64_C(1) << now.number;
        if (now.what == BYTECODE_STORE_STORE && now.second < 64)
            *stored |= UINT64_C(1) << now.second;
    }
    return true;
}

// Whether a variable's thing is another one in each round, as far as names tell.
static bool reader_is_anew(const struct deed_reader *reader, const struct deed *deed,
                           uint64_t target, uint64_t stored)
{
    if (deed->reach == DEED_LOCAL)
        return deed->slot >= 64 || (stored >> deed->slot & 1);
    for (size_t i = reader->deeds->count; i-- > reader->first;) {
        const struct deed *other = &reader->deeds->items[i];
        if (other->offset < target)
            break;
        if (other->what == DEED_RENEW && other->name == deed->name)
            return true;
    }
    return false;
}

// What was done since the loop's first instruction is done in a loop.
void reader_close_loop(struct deed_reader *reader, uint64_t target, uint64_t offset, bool is_always)
{
    uint64_t stored = 0;
    if (target >= offset)
        return;
    reader_note_loop(reader, target, offset);
    bool endless =
        is_always && reader->code->is_active && reader_is_endless(reader, target, offset, &stored);
    for (size_t i = reader->deeds->count; i-- > reader->first;) {
        struct deed *deed = &reader->deeds->items[i];
        if (deed->offset < target)
            break;
        deed->in_loop = true;
        deed->is_endless |= endless && (deed->reach == DEED_LOCAL || deed->reach == DEED_GLOBAL)
                            && !reader_is_anew(reader, deed, target, stored);
    }
}
