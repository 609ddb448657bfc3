// SPDX-License-Identifier: GPL-3.0-or-later
// Where objects were allocated: see allocated.h.
#include "cmd/allocated.h"

#include "py/type.h"

const struct tracemalloc *allocated_look(struct session *session)
{
    if (session_is_redacted(session)) // nothing to read
        session->tracemalloc.state = TRACEMALLOC_UNKNOWN;
    else if (!session->has_tracemalloc && session->has_python)
        tracemalloc_find(&session->tracemalloc, &session->py);
    session->has_tracemalloc = true;
    return &session->tracemalloc;
}

bool allocated_need(struct session *session, struct err *err)
{
    const char *why = tracemalloc_why(allocated_look(session));
    if (why)
        return err_set(err, ERR_NOT_FOUND, "%s", why);
    if (tracemalloc_read(&session->tracemalloc, &session->py, &session->options.progress, err))
        return true;
    tracemalloc_free(&session->tracemalloc);
    session->has_tracemalloc = false;
    return false;
}

// tracemalloc.get_object_traceback() asks for the block in the same way: the object's address less
// what the type says lies before it.
static addr block_of(const struct heap *heap, node n)
{
    return heap_addr(heap, n) - type_row(heap->py->types, heap_type(heap, n))->presize;
}

const struct trace *allocated_trace(const struct session *session, node n)
{
    return tracemalloc_at(&session->tracemalloc, block_of(&session->heap, n));
}

const struct trace *allocated_next(const struct session *session, node n, size_t *cursor)
{
    const struct tracemalloc *tm = &session->tracemalloc;
    addr block = block_of(&session->heap, n);
    while (*cursor < tm->count && tm->traces[*cursor].at < block)
        ++*cursor;
    bool hit = *cursor < tm->count && tm->traces[*cursor].at == block;
    return hit && !tm->traces[*cursor].domain ? &tm->traces[*cursor] : NULL;
}

const char *allocated_line(const struct tracemalloc *tm, const struct trace *trace,
                           struct report *report)
{
    const struct trace_frame *frame = &tm->frames[tm->tracebacks[trace->traceback].first];
    return report_format(report, "%s:%lu", tracemalloc_file(tm, frame->file),
                         (unsigned long)frame->line);
}
