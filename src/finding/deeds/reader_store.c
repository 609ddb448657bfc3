// SPDX-License-Identifier: GPL-3.0-or-later
// Assignments: what gets another value, or a second name: see deed_reader.h.
#include "finding/deeds/deed_reader.h"

static bool reader_is_new(const struct expression *value)
{
    return value->form == FORM_FRESH || value->form == FORM_CALL || value->form == FORM_UNKNOWN
           || value->form == FORM_TEXT;
}

// np.append(x, more), np.concatenate([x, more]), pd.concat(...), x.union(more), x.new_child(): x and
// more, where the name was looked at in the same statement.
static bool reader_is_more(const struct deed_reader *reader, const struct expression *value,
                           uint32_t name)
{
    const struct expression *callee =
        value->form == FORM_CALL ? reader_at(reader, value->before) : NULL;
    if (!callee
        || ((callee->name < reader->deeds->more_first || callee->name >= reader->deeds->more_end)
            && !reader_is(reader, callee->name, DEEDS_APPEND)))
        return false;
    for (uint32_t i = reader->statement; i < reader->count; i++)
        if (reader->expressions[i].name == name && reader->expressions[i].form == FORM_ATTRIBUTE)
            return true;
    for (uint32_t i = reader->statement; i < reader->count; i++)
        if (reader->expressions[i].name == name && reader->expressions[i].form == FORM_GLOBAL)
            return true;
    return false;
}

// x = self.x = []: what one name does to it, it does to the other.
static void reader_note_second_name(struct deed_reader *reader, uint16_t target, uint16_t value)
{
    enum deed_form form = (enum deed_form)reader_at(reader, value)->form;
    if (value && value == reader->last_value) {
        reader_do(reader, DEED_ESCAPE, target, DEEDS_NONE);
        reader_do(reader, DEED_ESCAPE, reader->last_target, DEEDS_NONE);
    } else if (form == FORM_ATTRIBUTE || form == FORM_GLOBAL || form == FORM_FREE) {
        reader_do(reader, DEED_ESCAPE, value, DEEDS_NONE);
    }
    reader->last_value = value;
    reader->last_target = target;
}

// A name gets another value.
static void reader_assign(struct deed_reader *reader, uint16_t target, uint16_t value)
{
    const struct expression *at = reader_at(reader, value), *to = reader_at(reader, target);
    reader_note_second_name(reader, target, value);
    if (at->form == FORM_IN_PLACE || at->form == FORM_SUM) {
        const struct expression *of = reader_at(reader, at->before);
        if (of->name == to->name && of->form == to->form)
            reader_do(reader, DEED_ADD, target, DEEDS_NONE);
    } else if (reader_is_more(reader, at, to->name)) {
        reader_do(reader, DEED_ADD, target, DEEDS_NONE);
    } else if (reader_is_new(at)) {
        size_t before = reader->deeds->count;
        reader_do(reader, DEED_RENEW, target, DEEDS_NONE);
        if (reader->deeds->count > before)
            reader->deeds->items[before].is_filled = at->form != FORM_FRESH || at->slot;
        if (reader->made_count < MADE_MAX && reader->now.offset >= reader->open_until) {
            const struct expression *root = reader_root(reader, target);
            reader->made[reader->made_count++] = (struct made){ to->name, root->form, root->slot };
        }
    }
}

static void reader_store_local(struct deed_reader *reader, uint32_t slot, uint16_t value)
{
    const struct expression *at = reader_at(reader, value);
    uint16_t own = reader_make_local(reader, slot);
    if (at->form == FORM_IN_PLACE)
        reader_assign(reader, own, value);
    else if (value && value == reader->last_value)
        reader_note_second_name(reader, own, value);
    reader->last_value = value;
    reader->last_target = own;
    if (slot >= LOCALS_MAX || at->form == FORM_IN_PLACE)
        return;
    bool is_known = at->form == FORM_GLOBAL || at->form == FORM_ATTRIBUTE || at->form == FORM_ITEM
                    || at->form == FORM_FREE;
    if (at->form == FORM_FRESH && reader->now.offset < reader->open_until && reader->locals[slot])
        return; // kept = CACHE.get(key); if kept is None: kept = CACHE[key] = []
    reader->locals[slot] = is_known ? value : 0;
    reader->results[slot] = at->form == FORM_CALL ? value : 0;
}

void reader_store(struct deed_reader *reader)
{
    const struct instruction *now = &reader->now;
    uint16_t value, container, target;
    switch (now->what) {
    case BYTECODE_STORE_ATTR:
        container = reader_pop(reader);
        value = reader_pop(reader);
        target = reader_make(reader, FORM_ATTRIBUTE, reader_name(reader, now->number), container);
        reader_assign(reader, target, value);
        break;
    case BYTECODE_STORE_NAME:
        value = reader_pop(reader);
        target = reader_make(reader, FORM_GLOBAL, reader_name(reader, now->number), 0);
        reader_assign(reader, target, value);
        break;
    case BYTECODE_STORE_FREE:
        value = reader_pop(reader);
        target = reader_make(reader, FORM_FREE, reader_local_name(reader, now->number), 0);
        reader_assign(reader, target, value);
        break;
    case BYTECODE_STORE_ITEM:
    case BYTECODE_DELETE_ITEM:
        reader_drop(reader, 1); // the key
        container = reader_pop(reader);
        if (now->what == BYTECODE_STORE_ITEM) {
            reader_escape(reader, 1);
            reader_drop(reader, 1);
        }
        reader_do(reader, now->what == BYTECODE_STORE_ITEM ? DEED_ADD : DEED_TAKE, container,
                  DEEDS_ITEM);
        break;
    case BYTECODE_STORE_LOCAL:
        reader_store_local(reader, now->number, reader_pop(reader));
        break;
    case BYTECODE_STORE_LOAD:
        reader_store_local(reader, now->number, reader_pop(reader));
        reader_load_local(reader, now->second);
        break;
    case BYTECODE_STORE_STORE:
        reader_store_local(reader, now->number, reader_pop(reader));
        reader_store_local(reader, now->second, reader_pop(reader));
        break;
    default:
        break;
    }
}
