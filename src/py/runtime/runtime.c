// SPDX-License-Identifier: GPL-3.0-or-later
// Interpreters and their threads.
#include "py/runtime/runtime.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"
#include "py/runtime/gc.h"
#include "py/read.h"

static uint64_t member64(const struct python *py, addr at, int32_t offset)
{
    return offset >= 0 ? target_u64(py->target, at + (uint64_t)offset, NULL) : 0;
}

// PyInterpreterState_Head() up to 3.6 is `mov disp32(%rip),%rax; ret`: the instruction is read, not
// run.
static addr head_by_code(const struct python *py)
{
    addr function = target_symbol(py->target, py->module, "PyInterpreterState_Head");
    const uint8_t *code = function ? target_view(py->target, function, 16) : NULL;
    for (int i = 0; code && i < 8; i++)
        if (code[i] == 0x48 && code[i + 1] == 0x8b && code[i + 2] == 0x05)
            return function + (uint64_t)i + 7 + (uint64_t)(int64_t)(int32_t)load32(code + i + 3);
    return 0;
}

static addr interpreter_head(const struct python *py)
{
    const struct layout *l = &py->layout;
    if (py->runtime && l->_PyRuntimeState_interpreters_head >= 0)
        return member64(py, py->runtime, l->_PyRuntimeState_interpreters_head);
    addr variable = python_static(py, l->sym_interp_head);
    if (!variable)
        variable = head_by_code(py);
    return variable ? target_u64(py->target, variable, NULL) : 0;
}

// The thread that may run Python code: the last holder, if the lock is taken.
static addr gil_holder(const struct python *py, const struct interpreter *in)
{
    const struct layout *l = &py->layout;
    if (py->runtime && l->_PyRuntimeState_gilstate_tstate_current >= 0)
        return member64(py, py->runtime, l->_PyRuntimeState_gilstate_tstate_current);
    if (l->PyInterpreterState_ceval_gil < 0 || l->_gil_runtime_state_locked < 0)
        return 0;
    addr gil = member64(py, in->at, l->PyInterpreterState_ceval_gil);
    if (!gil || !READ(py, gil, _gil_runtime_state_locked))
        return 0;
    return member64(py, gil, l->_gil_runtime_state_last_holder);
}

// The thread whose TLS is at the address that pthread_self() returns.
static uint64_t tid_by_tls(const struct python *py, uint64_t ident)
{
    for (size_t i = 0; i < py->target->thread_count; i++)
        if (py->target->threads[i].fs_base && py->target->threads[i].fs_base == ident)
            return (uint64_t)py->target->threads[i].tid;
    return 0;
}

// Before 3.11 only the pthread's address is known. Later versions record the thread's ID, which
// after a fork() in C (uWSGI's, for one) is still that of the parent's thread.
static uint64_t read_tid(const struct python *py, addr at, uint64_t ident)
{
    if (py->layout.PyThreadState_native_thread_id < 0)
        return tid_by_tls(py, ident);
    uint64_t tid = member64(py, at, py->layout.PyThreadState_native_thread_id);
    for (size_t i = 0; i < py->target->thread_count; i++)
        if ((uint64_t)py->target->threads[i].tid == tid)
            return tid;
    uint64_t other = tid_by_tls(py, ident);
    return other ? other : tid;
}

// Ends at the end of the list, or at a thread that is in `seen`.
static bool walk_threads(const struct python *py, struct interpreter *in, struct map *seen,
                         struct err *err)
{
    const struct layout *l = &py->layout;
    size_t capacity = 0;
    addr holder = gil_holder(py, in);
    addr at = member64(py, in->at,
                       l->PyInterpreterState_threads_head >= 0 ? l->PyInterpreterState_threads_head
                                                               : l->PyInterpreterState_tstate_head);
    while (at && in->thread_count < PYTHON_THREADS_MAX && map_get(seen, at) == MAP_NONE) {
        bool ok = true;
        uint64_t ident = READ_OK(py, at, PyThreadState_thread_id, &ok);
        if (!ok)
            break;
        if (!vec_grow(&in->threads, &capacity, in->thread_count + 1, sizeof *in->threads, err)
            || !map_put(seen, at, 1, err))
            return false;
        in->threads[in->thread_count++] = (struct pythread){
            .at = at, .tid = read_tid(py, at, ident), .ident = ident, .holds_gil = at == holder
        };
        at = member64(py, at, l->PyThreadState_next);
    }
    return true;
}

static bool read_threads(const struct python *py, struct interpreter *in, struct err *err)
{
    struct map seen = MAP_INIT;
    bool good = walk_threads(py, in, &seen, err);
    map_fini(&seen);
    return good;
}

static void read_members(const struct python *py, struct interpreter *in)
{
    const struct layout *l = &py->layout;
    in->id = (int64_t)member64(py, in->at, l->PyInterpreterState_id);
    in->modules = member64(py, in->at, l->PyInterpreterState_modules);
    in->sysdict = member64(py, in->at, l->PyInterpreterState_sysdict);
    in->builtins = member64(py, in->at, l->PyInterpreterState_builtins);
    if (l->PyInterpreterState_gc >= 0)
        in->gc = INSIDE(py, in->at, PyInterpreterState_gc);
    else if (py->runtime && l->_PyRuntimeState_gc >= 0)
        in->gc = INSIDE(py, py->runtime, _PyRuntimeState_gc);
    gc_find_heads(py, in);
}

static bool known_already(const struct python *py, addr at)
{
    for (size_t i = 0; i < py->interpreter_count; i++)
        if (py->interpreters[i].at == at)
            return true;
    return false;
}

// The list begins with the newest, so the main interpreter is the last one. Moves it to the front.
static void main_first(struct python *py)
{
    for (size_t i = 1; i < py->interpreter_count; i++)
        for (size_t k = i; k > 0 && py->interpreters[k].id < py->interpreters[k - 1].id; k--) {
            struct interpreter other = py->interpreters[k];
            py->interpreters[k] = py->interpreters[k - 1];
            py->interpreters[k - 1] = other;
        }
}

bool runtime_read(struct python *py, struct err *err)
{
    size_t capacity = 0;
    addr at = interpreter_head(py);
    while (at && py->interpreter_count < PYTHON_INTERPRETERS_MAX && !known_already(py, at)) {
        if (!target_view(py->target, at, 64))
            break;
        if (!vec_grow(&py->interpreters, &capacity, py->interpreter_count + 1,
                      sizeof *py->interpreters, err))
            return false;
        struct interpreter *in = &py->interpreters[py->interpreter_count++];
        *in = (struct interpreter){ .at = at };
        read_members(py, in);
        if (!read_threads(py, in, err))
            return false;
        at = member64(py, at, py->layout.PyInterpreterState_next);
    }
    if (py->interpreter_count == 0)
        return err_set(err, ERR_NOT_FOUND,
                       "no Python interpreter is alive in it (not initialised yet, or finalized)");
    main_first(py);
    for (size_t i = 1; i < py->interpreter_count;
         i++) // up to 3.8 all interpreters share one set of lists: the main one's
        if (py->interpreters[i].gc == py->interpreters[0].gc)
            for (int g = 0; g < GEN_COUNT; g++)
                py->interpreters[i].heads[g] = 0;
    return true;
}

void runtime_forget(struct python *py)
{
    for (size_t i = 0; i < py->interpreter_count; i++)
        free(py->interpreters[i].threads);
    free(py->interpreters);
    py->interpreters = NULL;
    py->interpreter_count = 0;
}
