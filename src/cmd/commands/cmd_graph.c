// SPDX-License-Identifier: GPL-3.0-or-later
// `graph`: the neighbourhood of an object, or the paths that hold it, for Graphviz.
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "cmd/page/dot.h"
#include "cmd/session/select.h"
#include "heap/names/edge.h"
#include "heap/analysis/paths.h"

#define DEPTH 1
#define WIDTH 12 // references followed per object and direction
#define OBJECTS_MAX 2000

// The first column is a comment in DOT, so that the text output, heading included, is a DOT file.
static const struct column columns[] = {
    { COL_NONE, "//dot", 0, COLUMN_WIDE, "a line of DOT" },
    COLUMN_ROW_END,
};

struct drawing {
    struct session *session;
    struct dot dot;
    node *queue;
    size_t count, capacity;
    uint64_t width;
};

static bool add_named_edge(struct drawing *drawing, node from, node to, struct err *err)
{
    struct heap_edges edges = { 0 };
    bool ok = heap_edges_between(&drawing->session->heap, from, to, &edges, err);
    ok = ok && dot_edge(&drawing->dot, from, to, edges.count ? heap_edge_name(&edges, 0) : "", err);
    heap_edges_fini(&edges);
    return ok;
}

// Draws an object's neighbours on one side; new ones join the queue.
static bool add_side(struct drawing *drawing, node n, const struct csr *csr, bool out,
                     struct err *err)
{
    uint64_t drawn = 0;
    for (uint64_t e = csr_first(csr, n); e < csr_end(csr, n) && drawn < drawing->width; e++) {
        node other = csr->to[e] & EDGE_NODE;
        bool repeated = e > csr_first(csr, n) && (csr->to[e - 1] & EDGE_NODE) == other;
        if (repeated)
            continue;
        drawn++;
        bool is_new = map_get(&drawing->dot.drawn, other) == MAP_NONE;
        if (is_new && drawing->count >= OBJECTS_MAX)
            continue;
        if (is_new) {
            if (!vec_grow(&drawing->queue, &drawing->capacity, drawing->count + 1,
                          sizeof *drawing->queue, err)
                || !dot_object(&drawing->dot, other, err))
                return false;
            drawing->queue[drawing->count++] = other;
        }
        // Each edge is drawn once: out of objects that are expanded, and into any other object only
        // when that one is new.
        if ((out || is_new) && !add_named_edge(drawing, out ? n : other, out ? other : n, err))
            return false;
    }
    return true;
}

static bool draw_neighbours(struct drawing *drawing, node focus, uint64_t depth, struct err *err)
{
    const struct heap *heap = &drawing->session->heap;
    if (!vec_grow(&drawing->queue, &drawing->capacity, 1, sizeof *drawing->queue, err))
        return false;
    drawing->queue[drawing->count++] = focus;
    size_t head = 0;
    for (uint64_t level = 0; level < depth; level++)
        for (size_t end = drawing->count; head < end; head++)
            if (!add_side(drawing, drawing->queue[head], &heap->forward, true, err)
                || !add_side(drawing, drawing->queue[head], &heap->reverse, false, err))
                return false;
    return true;
}

static bool draw_path(struct drawing *drawing, const struct heap_path *path, struct map *edges,
                      struct err *err)
{
    if (!dot_object(&drawing->dot, path->steps[0].object, err))
        return false;
    uint64_t root = UINT64_MAX - path->steps[0].object;
    if (map_get(edges, root) == MAP_NONE
        && (!map_put(edges, root, 1, err)
            || !dot_root(&drawing->dot, path->steps[0].object, path->steps[0].edge, err)))
        return false;
    for (size_t i = 1; i < path->count; i++) {
        node from = path->steps[i - 1].object, to = path->steps[i].object;
        uint64_t key = (uint64_t)from << 32 | to;
        if (map_get(edges, key) != MAP_NONE)
            continue;
        if (!map_put(edges, key, 1, err) || !dot_object(&drawing->dot, to, err)
            || !dot_edge(&drawing->dot, from, to, path->steps[i].edge, err))
            return false;
    }
    return true;
}

static bool draw_paths(struct drawing *drawing, node focus, uint64_t most, struct err *err)
{
    struct session *session = drawing->session;
    const struct paths_options how = { 0 };
    struct paths paths;
    struct map edges = MAP_INIT;
    if (!session_need(session, NEEDS_ROOTS, err)
        || !paths_open(&paths, &session->heap, &session->roots, focus, &how, err))
        return false;
    bool ok = true;
    enum path_end end = PATH_FOUND;
    for (uint64_t i = 0; ok && i < most && end == PATH_FOUND; i++) {
        struct heap_path path;
        ok = paths_next(&paths, &path, &end, &session->options.progress, err)
             && (end != PATH_FOUND || draw_path(drawing, &path, &edges, err));
        heap_path_fini(&path);
    }
    map_fini(&edges);
    paths_close(&paths);
    return ok;
}

static bool cmd_graph_add_lines(struct report *report, const struct text *text, struct err *err)
{
    for (const char *line = text_string(text); *line;) {
        size_t size = strcspn(line, "\n");
        const struct cell cell = cell_text(report_text(report, line, size));
        if (!report_row(report, &cell, err))
            return false;
        line += size + (line[size] == '\n');
    }
    return true;
}

static bool cmd_graph_run(struct session *session, const struct args *args, struct report *report,
                          struct err *err)
{
    node focus;
    struct drawing drawing = { .session = session, .width = args_number(args, "width", WIDTH) };
    const char *file = args_text(args, "output"), *format = args_text(args, "format");
    if (format && !file)
        return err_set(err, ERR_USAGE, "graph: -T %s needs a file: -o FILE", format);
    if (format && strcmp(format, "dot") && session->options.untrusted)
        return err_set(err, ERR_USAGE, "--untrusted runs no Graphviz: -T dot writes its input");
    if (!session_object(session, args->words[0], &focus, err)
        || !dot_begin(&drawing.dot, session, focus, err)) {
        dot_fini(&drawing.dot);
        return false;
    }
    uint64_t paths = args_number(args, "paths", 0), size;
    bool ok = (paths ? draw_paths(&drawing, focus, paths, err)
                     : draw_neighbours(&drawing, focus, args_number(args, "depth", DEPTH), err))
              && dot_end(&drawing.dot, err);
    if (ok && file) {
        ok = dot_write(&drawing.dot, file, format ? format : "dot", &size, err);
        if (ok) {
            report_summary(report, "file", cell_text(report_foreign(report, file)));
            report_summary(report, "bytes", cell_bytes(size));
        }
    } else if (ok) {
        ok = cmd_graph_add_lines(report, &drawing.dot.text, err);
    }
    free(drawing.queue);
    dot_fini(&drawing.dot);
    return ok;
}

static const struct option_row options[] = {
    { .letter = 'd',
      .name = "depth",
      .value = "N",
      .kind = OPTION_COUNT,
      .help = "how many references away (1)" },
    { .letter = 'w',
      .name = "width",
      .value = "N",
      .kind = OPTION_COUNT,
      .help = "neighbours of an object on each side (12)" },
    { .letter = 'p',
      .name = "paths",
      .value = "N",
      .kind = OPTION_COUNT,
      .help = "N paths from roots to the object, instead of its neighbours" },
    { .letter = 'o',
      .name = "output",
      .value = "FILE",
      .kind = OPTION_TEXT,
      .complete = COMPLETE_FILE,
      .help = "write to this file instead of printing lines" },
    { .letter = 'T',
      .name = "format",
      .value = "FORMAT",
      .kind = OPTION_TEXT,
      .choices = "dot svg png pdf",
      .help = "of the file: dot, or svg, png, pdf where Graphviz is installed" },
    OPTION_ROW_END,
};

const struct command cmd_graph = {
    .name = "graph",
    .usage = "OBJ [-d N] [-p N] [-o FILE [-T FORMAT]]",
    .summary = "an object's neighbours, or the paths that hold it, for Graphviz",
    .help = "The answer is DOT, one line per row: `ouro CORE graph app.CACHE | dot -Tsvg > "
            "cache.svg`. With -o it goes to a file, and with -T svg or png Graphviz draws it.\n"
            "\n"
            "At most 2,000 objects are drawn, and of each at most 12 neighbours a side.",
    .example = "graph app.CACHE --paths 3",
    .options = options,
    .words_least = 1,
    .words_most = 1,
    .word_kind = COMPLETE_OBJECT,
    .columns = columns,
    .needs = NEEDS_REVERSE,
    .writes = "output",
    .run = cmd_graph_run,
};
