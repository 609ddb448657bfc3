// SPDX-License-Identifier: GPL-3.0-or-later
// asyncio's futures and tasks in C.
#include "py/kinds/kind_row.h"

// Callbacks, results and the rest; the attribute dict is managed from 3.13 on. 3.9 and 3.10 keep a
// cancellation's exception as an _PyErr_StackItem.
static void future_refs(const struct python *py, const struct type *type, addr at, const uint8_t *o,
                        struct refs *refs)
{
    const struct layout *l = &py->layout;
    if (l->FutureObj_fut_cancelled_exc_state >= 0) {
        const uint8_t *state = SLOT(py, o, FutureObj_fut_cancelled_exc_state);
        refs_member(refs, refs_load(refs, SLOT(py, state, _err_stackitem_exc_type)),
                    "cancelled type");
        refs_member(refs, refs_load(refs, SLOT(py, state, _err_stackitem_exc_value)),
                    "cancelled exception");
        refs_member(refs, refs_load(refs, SLOT(py, state, _err_stackitem_exc_traceback)),
                    "cancelled traceback");
    }
    if (type->flags & TPFLAGS_MANAGED_DICT)
        visit_managed_dict(py, type, at, refs);
}

// What every future ends with.
#define FUTURE_MEMBERS                                                                             \
    VISITED(FutureObj, fut_loop, "loop"), VISITED(FutureObj, fut_callback0, "callback"),           \
        VISITED(FutureObj, fut_context0, "context"),                                               \
        VISITED(FutureObj, fut_callbacks, "callbacks"), VISITED(FutureObj, fut_result, "result"),  \
        VISITED(FutureObj, fut_exception, "exception"),                                            \
        VISITED(FutureObj, fut_exception_tb, "exception traceback"),                               \
        VISITED(FutureObj, fut_source_tb, "source traceback"),                                     \
        VISITED(FutureObj, fut_cancel_msg, "cancel message"),                                      \
        VISITED(FutureObj, fut_cancelled_exc, "cancelled exception"),                              \
        VISITED(FutureObj, fut_awaited_by, "awaited by"), VISITED(FutureObj, dict, ".__dict__")

const struct kind kinds_asyncio[] = {
    { .names = "_asyncio.Future", FIRST(3, 12), .refs = future_refs, MEMBERS(FUTURE_MEMBERS) },
    { .names = "_asyncio.Task",
      .traits = TRAIT_TASK,
      FIRST(3, 12),
      .refs = future_refs,
      MEMBERS(VISITED(TaskObj, task_context, "task context"),
              VISITED(TaskObj, task_coro, "coroutine"), VISITED(TaskObj, task_name, "name"),
              VISITED(TaskObj, task_fut_waiter, "waits for"), FUTURE_MEMBERS) },
    { .names = "_asyncio.FutureIter",
      .traits = TRAIT_STEP,
      FIRST(3, 12),
      MEMBERS(VISITED(futureiterobject, future, "future")) },
    { .names = "TaskStepMethWrapper _asyncio.TaskStepMethWrapper",
      FIRST(3, 12),
      MEMBERS(VISITED(TaskStepMethWrapper, sw_task, "task"),
              VISITED(TaskStepMethWrapper, sw_arg, "argument")) },
    { .names = "TaskWakeupMethWrapper", MEMBERS(VISITED(TaskWakeupMethWrapper, ww_task, "task")) },
    { .names = "_RunningLoopHolder", MEMBERS(HELD(PyRunningLoopHolder, rl_loop, "loop")) },
    { 0 },
};
