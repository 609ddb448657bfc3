// SPDX-License-Identifier: GPL-3.0-or-later
// Asks the jail about every object of a core and holds the answers against what gc.get_referents() said (tests/oracle/truth.py).
//
//      against-truth [-e] [-r ROUNDS] CORE TRUTH LAYOUT PROGRAM
//
// Does not use the decoders nor the choice of layouts: only target/, a layout file, and py/traverse. -e: PROGRAM emulates. -r: asks that
// often, for timing. Exit status 0: no answer differed and none was missing.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "layout/layout.h"
#include "py/python.h"
#include "py/traverse.h"
#include "py/type.h"
#include "target/target.h"

struct told {
    addr object, type;
    addr *refs;
    size_t ref_count;
};

struct check {
    struct target target;
    struct layout layout;
    struct told *told;
    size_t told_count;
    struct traverse_item *items;
    const struct told **of_item;
    size_t item_count;
    size_t exact, wrong, missing, references;
};

static void die(const char *what, const struct err *err)
{
    fprintf(stderr, "against-truth: %s: %s\n", what, err ? err->text : "failed");
    exit(2);
}

// "O addr type gen tracked size ref,ref,..."
static bool read_line(char *line, struct told *t)
{
    if (line[0] != 'O' || line[1] != ' ')
        return false;
    char *at = line + 2;
    t->object = strtoull(at, &at, 16);
    t->type = strtoull(at, &at, 16);
    for (int word = 0; word < 3 && at; word++)
        at = strchr(at + 1, ' ');
    if (!at)
        return false;
    t->ref_count = 0;
    size_t room = 1;
    for (const char *c = at; *c; c++)
        room += *c == ',';
    t->refs = malloc(room * sizeof *t->refs);
    for (at++; *at && *at != '-' && *at != '\n';) {
        t->refs[t->ref_count++] = strtoull(at, &at, 16);
        at += *at == ',';
    }
    return true;
}

static void read_truth(struct check *c, const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        die(path, NULL);
    char *line = NULL;
    size_t room = 0, told_room = 0;
    while (getline(&line, &room, file) > 0) {
        if (c->told_count == told_room) {
            told_room = told_room ? told_room * 2 : 1024;
            c->told = realloc(c->told, told_room * sizeof *c->told);
        }
        c->told_count += read_line(line, &c->told[c->told_count]);
    }
    free(line);
    fclose(file);
}

// As _PyObject_IS_GC: type objects are asked one by one, static ones are not the collector's.
static bool is_gc(struct check *c, const struct told *t)
{
    bool ok = true;
    uint64_t flags = target_u64(&c->target, t->type + (addr)c->layout.PyTypeObject_tp_flags, &ok);
    if (!(flags & TPFLAGS_HAVE_GC) || !ok)
        return false;
    if (!(flags & TPFLAGS_TYPE_SUBCLASS))
        return true;
    return target_u64(&c->target, t->object + (addr)c->layout.PyTypeObject_tp_flags, &ok) & TPFLAGS_HEAPTYPE;
}

static void make_items(struct check *c)
{
    c->items = malloc((c->told_count + 1) * sizeof *c->items);
    c->of_item = malloc((c->told_count + 1) * sizeof *c->of_item);
    for (size_t i = 0; i < c->told_count; i++) {
        const struct told *t = &c->told[i];
        bool ok = true;
        if (!is_gc(c, t))
            continue;
        addr function = target_u64(&c->target, t->type + (addr)c->layout.PyTypeObject_tp_traverse, &ok);
        c->items[c->item_count] = (struct traverse_item){ t->object, function };
        c->of_item[c->item_count++] = t;
    }
}

static bool check_answer(void *context, size_t i, bool ok, const addr *referents, size_t count)
{
    struct check *c = context;
    const struct told *t = c->of_item[i];
    bool same = ok && count == t->ref_count && !memcmp(referents, t->refs, count * sizeof *referents);
    c->references += count;
    c->exact += same;
    c->missing += !ok;
    c->wrong += ok && !same;
    if (!same && c->missing + c->wrong <= 20)
        printf("  %" PRIx64 " of type %" PRIx64 ", tp_traverse %" PRIx64 ": %s, %zu for %zu\n", t->object, t->type,
               c->items[i].function, ok ? "differs" : "no answer", count, t->ref_count);
    return true;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int ask(struct check *c, const struct python *py, const struct traverse_options *options, int rounds)
{
    struct err err = ERR_INIT;
    struct traverse traverse;
    double before = seconds();
    if (!traverse_open(&traverse, py, options, &err))
        die("traverse_open", &err);
    printf("%zu maps, %zu left out, %u unmapped (errno %u); ready after %.1f ms\n", traverse.worker.map_count,
           traverse.worker.left_out, traverse.worker.unmapped, traverse.worker.unmapped_error, (seconds() - before) * 1e3);
    for (int round = 0; round < rounds; round++) {
        c->exact = c->wrong = c->missing = c->references = 0;
        double start = seconds();
        if (!traverse_batch(&traverse, c->items, c->item_count, check_answer, c, &err))
            die("traverse_batch", &err);
        double took = seconds() - start;
        printf("%zu objects, %zu references: %zu exact, %zu wrong, %zu missing; %.2f ms, %.3f us an object, %u restarts\n",
               c->item_count, c->references, c->exact, c->wrong, c->missing, took * 1e3, took * 1e6 / (double)(c->item_count + 1),
               traverse.restarts);
    }
    traverse_close(&traverse);
    return c->item_count && !c->wrong && !c->missing ? 0 : 1;
}

int main(int argc, char **argv)
{
    int option, rounds = 1;
    struct traverse_options options = { .mode = TRAVERSE_NATIVE };
    while ((option = getopt(argc, argv, "er:")) >= 0) {
        if (option == 'e')
            options.mode = TRAVERSE_EMULATE;
        else if (option == 'r')
            rounds = atoi(optarg);
        else
            return 2;
    }
    if (argc - optind != 4)
        return 2;
    static struct check check;
    struct err err = ERR_INIT;
    if (!target_open_core(&check.target, argv[optind], NULL, &err))
        die("target_open_core", &err);
    if (!layout_read(&check.layout, argv[optind + 2], &err))
        die("layout_read", &err);
    options.native = options.emulator = argv[optind + 3];
    read_truth(&check, argv[optind + 1]);
    make_items(&check);
    struct python py = { .target = &check.target };
    int status = ask(&check, &py, &options, rounds);
    target_close(&check.target);
    return status;
}
