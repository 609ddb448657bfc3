// SPDX-License-Identifier: GPL-3.0-or-later
// tp_members, and the module a type belongs to: see member.h.
#include "py/objects/member.h"

#include <string.h>

#include "py/read.h"
#include "py/python.h"

#define MEMBERS_MAX 4096
#define BASES_MAX 200

enum { MEMBER_OBJECT = 6, MEMBER_OBJECT_EX = 16 }; // T_OBJECT, T_OBJECT_EX: structmember.h

static addr member_find(const struct python *py, addr members, int64_t offset)
{
    for (int i = 0; members && i < MEMBERS_MAX; i++) {
        const uint8_t *m = VIEW(py, members + (uint64_t)i * SIZE(py, PyMemberDef), PyMemberDef);
        addr name = m ? LOAD(py, m, PyMemberDef_name) : 0;
        if (!name)
            return 0;
        uint32_t kind = LOAD(py, m, PyMemberDef_type);
        if (LOAD(py, m, PyMemberDef_offset) == offset
            && (kind == MEMBER_OBJECT || kind == MEMBER_OBJECT_EX))
            return target_view(py->target, name, 1) ? name : 0;
    }
    return 0;
}

addr type_member_at(const struct python *py, const struct type *type, int64_t offset)
{
    for (int i = 0; type && i < BASES_MAX; i++) {
        if (offset >= type->basicsize)
            return 0;
        addr members = READ(py, type->at, PyTypeObject_tp_members);
        addr name = member_find(py, members, offset);
        if (name)
            return name;
        type = type_base(py, type);
    }
    return 0;
}

// A Python class inherits tp_new and the like, but not these; and its tp_dealloc is the
// interpreter's.
int type_module(const struct python *py, const struct type *type)
{
    const struct layout *l = &py->layout;
    if (!(type->flags & TPFLAGS_HEAPTYPE)) {
        int module = target_module_of(py->target, type->at);
        if (module >= 0)
            return module;
    }
    const int32_t places[] = { l->PyTypeObject_tp_dealloc, l->PyTypeObject_tp_traverse,
                               l->PyTypeObject_tp_methods, l->PyTypeObject_tp_getset,
                               l->PyTypeObject_tp_members };
    int found = -1;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        addr word = target_u64(py->target, type->at + (uint64_t)places[i], NULL);
        int module = word ? target_module_of(py->target, word) : -1;
        if (module >= 0 && module != py->module)
            return module;
        if (module >= 0 && !type->is_python_class && !(type->flags & TPFLAGS_HEAPTYPE))
            found = module;
    }
    return found;
}

bool module_is_python(const struct python *py, int module)
{
    return module == py->module || strstr(py->target->modules[module].path, "/lib-dynload/");
}
