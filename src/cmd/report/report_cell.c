// SPDX-License-Identifier: GPL-3.0-or-later
// One cell as text, as JSON, and compared with another: the only place that evaluates lazy cells.
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cmd/report/report.h"
#include "cmd/session/session.h"
#include "heap/analysis/rings.h"
#include "heap/names/edge.h"

#define PREVIEW_WIDTH 100 // where the reader gives no width

static const struct heap *heap_of(const struct report *report)
{
    return &report->session->heap;
}

// The name of the type that a TYPE or TYPE_OF cell stands for.
static const char *type_text(const struct report *report, const struct cell *cell)
{
    const struct heap *heap = heap_of(report);
    return heap_type_name(heap,
                          cell->kind == CELL_TYPE ? (uint32_t)cell->u : heap_type(heap, cell->n));
}

static uint64_t visited_count(const struct heap *heap, node n)
{
    uint64_t count = 0;
    for (uint64_t i = csr_first(&heap->forward, n); i < csr_end(&heap->forward, n); i++)
        count += !(heap->forward.to[i] & EDGE_HOLDS);
    return count;
}

static void report_cell_add_number(const struct cell *cell, const struct column *column,
                                   struct text *out)
{
    bool human = column && column->flags & COLUMN_HUMAN;
    if (cell->kind == CELL_INT && human) { // a difference of bytes
        text_add_string(out, cell->i < 0 ? "-" : "");
        text_add_size(out, cell->i < 0 ? 0 - (uint64_t)cell->i : (uint64_t)cell->i);
    } else if (cell->kind == CELL_BYTES && human)
        text_add_size(out, cell->u);
    else if (cell->kind == CELL_INT)
        text_add_signed(out, cell->i);
    else
        text_add_count(out, cell->u);
}

void report_cell_text(const struct report *report, const struct cell *cell,
                      const struct column *column, size_t width, struct text *out)
{
    size_t from = out->size;
    switch ((enum cell_kind)cell->kind) {
    case CELL_NULL:
        text_add_char(out, '-');
        break;
    case CELL_COUNT:
    case CELL_INT:
    case CELL_BYTES:
        report_cell_add_number(cell, column, out);
        break;
    case CELL_REAL:
        if (column && column->flags & COLUMN_PERCENT)
            text_add_format(out, "%.1f %%", 100 * cell->d);
        else
            text_add_format(out, "%.6g", cell->d);
        break;
    case CELL_BOOL:
        text_add_string(out, cell->u ? "yes" : "no");
        break;
    case CELL_TEXT:
        text_add_string(out, cell->s);
        break;
    case CELL_ADDR:
        text_add_address(out, cell->u);
        break;
    case CELL_OBJECT:
        text_add_address(out, heap_addr(heap_of(report), cell->n));
        break;
    case CELL_LEAST:
        text_add_string(out, ">= ");
        text_add_size(out, cell->u);
        break;
    case CELL_TYPE:
    case CELL_TYPE_OF:
        text_add_string(out, type_text(report, cell));
        break;
    case CELL_PREVIEW:
        heap_preview_row(heap_of(report), cell->n, width ? width : PREVIEW_WIDTH, out);
        break;
    case CELL_GEN:
        if (cell->u == GEN_PERMANENT)
            text_add_string(out, "permanent");
        else
            text_add_number(out, cell->u);
        break;
    case CELL_REFS:
        text_add_count(out, visited_count(heap_of(report), cell->n));
        break;
    case CELL_RING:
    case CELL_STEPS:
        ring_steps_text(cell->ring, out);
        break;
    }
    if (width)
        text_shorten(out, from, width);
}

static void add_refs(const struct heap *heap, node n, struct text *out)
{
    json_add_open(out, '[');
    for (uint64_t i = csr_first(&heap->forward, n); i < csr_end(&heap->forward, n); i++)
        if (!(heap->forward.to[i] & EDGE_HOLDS))
            json_add_address(out, heap_addr(heap, heap->forward.to[i] & EDGE_NODE));
    json_add_close(out, ']');
}

static void add_preview(const struct heap *heap, node n, struct text *out)
{
    struct text preview = TEXT_INIT;
    if (!heap_has_values(heap)) {
        json_add_null(out);
        return;
    }
    heap_preview_row(heap, n, PREVIEW_WIDTH, &preview);
    json_add_bytes(out, text_string(&preview), preview.size);
    text_fini(&preview);
}

static void report_cell_add_ring(const struct ring_steps *ring, struct text *out)
{
    struct text text = TEXT_INIT;
    ring_steps_text(ring, &text);
    json_add_string(out, text_string(&text));
    out->failed |= text.failed;
    text_fini(&text);
}

static void report_cell_add_steps(const struct heap *heap, const struct ring_steps *ring,
                                  struct text *out)
{
    json_add_open(out, '[');
    for (size_t i = 0; i < ring->count; i++) {
        const struct ring_step *step = &ring->items[i];
        json_add_open(out, '{');
        json_add_key(out, "object");
        json_add_address(out, heap_addr(heap, step->object));
        json_add_key(out, "type");
        json_add_string(out, step->type);
        json_add_key(out, "edge");
        json_add_string(out, step->edge);
        json_add_key(out, "slot");
        step->slot ? json_add_address(out, step->slot) : json_add_null(out);
        json_add_key(out, "next");
        json_add_address(out, heap_addr(heap, step->next));
        json_add_key(out, "cut");
        json_add_bool(out, step->is_cut);
        json_add_close(out, '}');
    }
    json_add_close(out, ']');
}

void report_cell_json(const struct report *report, const struct cell *cell, struct text *out)
{
    switch ((enum cell_kind)cell->kind) {
    case CELL_NULL:
    case CELL_LEAST:
        json_add_null(out);
        break;
    case CELL_COUNT:
    case CELL_BYTES:
        json_add_number(out, cell->u);
        break;
    case CELL_INT:
        json_add_signed(out, cell->i);
        break;
    case CELL_REAL:
        json_add_real(out, cell->d);
        break;
    case CELL_BOOL:
        json_add_bool(out, cell->u);
        break;
    case CELL_TEXT:
        json_add_string(out, cell->s);
        break;
    case CELL_ADDR:
        json_add_address(out, cell->u);
        break;
    case CELL_OBJECT:
        json_add_address(out, heap_addr(heap_of(report), cell->n));
        break;
    case CELL_TYPE:
    case CELL_TYPE_OF:
        json_add_string(out, type_text(report, cell));
        break;
    case CELL_PREVIEW:
        add_preview(heap_of(report), cell->n, out);
        break;
    case CELL_GEN:
        if (cell->u == GEN_PERMANENT)
            json_add_string(out, "permanent");
        else
            json_add_number(out, cell->u);
        break;
    case CELL_REFS:
        add_refs(heap_of(report), cell->n, out);
        break;
    case CELL_RING:
        report_cell_add_ring(cell->ring, out);
        break;
    case CELL_STEPS:
        report_cell_add_steps(heap_of(report), cell->ring, out);
        break;
    }
}

static bool is_text(const struct cell *cell)
{
    return cell->kind == CELL_TEXT || cell->kind == CELL_TYPE || cell->kind == CELL_TYPE_OF;
}

static const char *text_of(const struct report *report, const struct cell *cell)
{
    return cell->kind == CELL_TEXT ? cell->s : type_text(report, cell);
}

// Whether the cell's text has to be computed.
static bool report_cell_is_lazy_text(const struct cell *cell)
{
    return cell->kind == CELL_PREVIEW || cell->kind == CELL_RING || cell->kind == CELL_STEPS;
}

static int report_cell_compare_texts(const struct report *report, const struct cell *a,
                                     const struct cell *b)
{
    struct text left = TEXT_INIT, right = TEXT_INIT;
    report_cell_text(report, a, NULL, 0, &left);
    report_cell_text(report, b, NULL, 0, &right);
    int order = strcmp(text_string(&left), text_string(&right));
    text_fini(&left);
    text_fini(&right);
    return order;
}

// Any number as a double; a node compares as its address would, as nodes are numbered by address.
static double number_of(const struct report *report, const struct cell *cell)
{
    switch ((enum cell_kind)cell->kind) {
    case CELL_INT:
        return (double)cell->i;
    case CELL_REAL:
        return cell->d;
    case CELL_OBJECT:
        return (double)cell->n;
    case CELL_REFS:
        return (double)visited_count(heap_of(report), cell->n);
    default:
        return (double)cell->u;
    }
}

int report_cell_compare(const struct report *report, const struct cell *a, const struct cell *b)
{
    if (a->kind == CELL_NULL || b->kind == CELL_NULL)
        return (a->kind == CELL_NULL) - (b->kind == CELL_NULL);
    if (is_text(a) != is_text(b))
        return is_text(a) - is_text(b);
    if (is_text(a))
        return strcmp(text_of(report, a), text_of(report, b));
    if (report_cell_is_lazy_text(a) && a->kind == b->kind)
        return report_cell_compare_texts(report, a, b);
    if (a->kind == b->kind
        && (a->kind == CELL_COUNT || a->kind == CELL_BYTES || a->kind == CELL_ADDR))
        return (a->u > b->u) - (a->u < b->u); // exact above 2^53
    double left = number_of(report, a), right = number_of(report, b);
    return (left > right) - (left < right);
}
