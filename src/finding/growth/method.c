// SPDX-License-Identifier: GPL-3.0-or-later
// Whose a function is: see method.h.
#include "finding/growth/method.h"

#include <string.h>

#include "py/objects/str.h"
#include "py/read.h"

addr method_qualname(const struct finder *f, const struct deed_code *code)
{
    addr at = heap_addr(f->heap, code->code);
    addr name = READ(f->py, at, PyCodeObject_co_qualname);
    if (!name && code->function != NODE_NONE)
        name = READ(f->py, heap_addr(f->heap, code->function), PyFunctionObject_func_qualname);
    return name;
}

// The class that a method is of, as far as its qualified name says: "Order" of "Order.add", and of
// the comprehension inside. False: a function, or nobody knows.
static bool method_class_name(const struct finder *f, const struct deed_code *code,
                              struct text *text)
{
    addr qualname = method_qualname(f, code);
    if (qualname)
        str_append(f->py, qualname, 400, text);
    char *inner = NULL; // of a function in it
    for (char *at = text->size ? strstr(text->data, ".<locals>.") : NULL; at;
         at = strstr(at + 1, ".<locals>."))
        inner = at;
    if (inner && !strchr(inner + 10, '.'))
        text_truncate(text, (size_t)(inner - text->data));
    const char *dot = text->size ? strrchr(text_string(text), '.') : NULL;
    text_truncate(text, dot ? (size_t)(dot - text_string(text)) : 0);
    return text->size;
}

// Whether it is a function inside of another one, no comprehension and no method.
bool method_is_inner(const struct finder *f, const struct deed_code *code)
{
    struct text name = TEXT_INIT;
    addr qualname = method_qualname(f, code);
    const char *last = NULL;
    if (qualname)
        str_append(f->py, qualname, 400, &name);
    for (const char *at = name.size ? strstr(text_string(&name), ".<locals>.") : NULL; at;
         at = strstr(at + 1, ".<locals>."))
        last = at;
    bool is = last && last[10] != '<' && !strchr(last + 10, '.');
    text_fini(&name);
    return is;
}

bool method_is(const struct finder *f, const struct deed_code *code)
{
    struct text name = TEXT_INIT;
    bool is = method_class_name(f, code, &name) || !method_qualname(f, code);
    text_fini(&name);
    return is;
}

// Whether it is no function of a module, but a method, or inside of another one.
bool method_is_nested(const struct finder *f, const struct deed_code *code)
{
    struct text name = TEXT_INIT;
    addr qualname = method_qualname(f, code);
    if (qualname)
        str_append(f->py, qualname, 400, &name);
    bool is = !name.size || strchr(text_string(&name), '.');
    text_fini(&name);
    return is;
}

// "Order" is the end of "shop.orders.Order".
static bool method_name_ends(const char *name, const char *end)
{
    size_t length = strlen(name), size = strlen(end);
    return length >= size && !strcmp(name + length - size, end)
           && (length == size || name[length - size - 1] == '.');
}

// Whether a method of that class is what the code is of, or of one of its bases; or, where the
// class itself has what is asked about, of one that derives from it.
bool method_is_of(const struct finder *f, const struct deed_code *code, const struct type *type,
                  bool of_class)
{
    struct text name = TEXT_INIT;
    if (!method_class_name(f, code, &name)) {
        bool known = method_qualname(f, code) != 0;
        text_fini(&name);
        return !known && code->is_program;
    }
    bool is = false;
    const struct type *base;
    for (uint32_t i = 0; !is && (base = type_resolution(f->py, type, i)); i++)
        is = method_name_ends(base->name, text_string(&name));
    for (uint32_t t = 0; of_class && !is && t < heap_type_count(f->heap); t++)
        is = method_name_ends(type_row(f->py->types, t)->name, text_string(&name))
             && finder_derives(f, type_row(f->py->types, t), type->name);
    text_fini(&name);
    return is;
}

bool method_same_class(const struct finder *f, const struct deed_code *a, const struct deed_code *b)
{
    struct text x = TEXT_INIT, y = TEXT_INIT;
    bool same = a && b && method_class_name(f, a, &x) && method_class_name(f, b, &y)
                && !strcmp(text_string(&x), text_string(&y));
    text_fini(&x);
    text_fini(&y);
    return same;
}

const struct type *method_owner_class(const struct finder *f, node owner)
{
    if (owner == NODE_NONE)
        return NULL;
    if (finder_roles(f, owner) & ROLE_TYPE)
        return type_at(f->py, heap_addr(f->heap, owner));
    return finder_type(f, owner);
}

uint32_t method_name(const struct finder *f, node code)
{
    return map_get(&f->deeds.of_address,
                   READ(f->py, heap_addr(f->heap, code), PyCodeObject_co_name));
}

bool method_has_word(const struct finder *f, node code, const char *const *words, size_t count)
{
    struct text text = TEXT_INIT;
    addr name = READ(f->py, heap_addr(f->heap, code), PyCodeObject_co_name);
    bool is = false;
    if (name)
        str_append(f->py, name, 200, &text);
    for (size_t i = 0; i < count && text.size && !is; i++)
        is = strstr(text_string(&text), words[i]) != NULL;
    text_fini(&text);
    return is;
}
