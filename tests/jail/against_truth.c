// SPDX-License-Identifier: GPL-3.0-or-later
// Asks the jail about every object of a core and holds the answers against what gc.get_referents()
// said (tests/oracle/truth.py).
//
//      against-truth [-e] [-r ROUNDS] CORE TRUTH LAYOUT PROGRAM
//      against-truth [-e] -f RUNS [-s SEED] CORE TRUTH LAYOUT PROGRAM
//
// Does not use the decoders nor the choice of layouts: only target/, a layout file, and
// py/traverse; but -f also has the decoders look at every damaged object. -e: PROGRAM emulates. -r:
// asks that often, for timing. Exit status 0: no answer differed and none was missing. -f: asks
// RUNS wild questions (objects that are none, other types' functions, addresses in the middle of
// code) of a copy of the memory in which objects are damaged; all must be told of, in time, and the
// intact ones must be right afterwards. -S: the folder that the target saw as /. CORE may be the id
// of a process that stands still (truth.py --pause): a copy of its memory is asked.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "layout/layout.h"
#include "py/kinds/kind.h"
#include "py/python.h"
#include "py/extension/traverse.h"
#include "py/objects/type.h"
#include "target/target.h"

#define BLOCK_SECONDS 300

struct edge_names {
    addr object, type;
    addr *refs;
    size_t ref_count;
};

struct check {
    struct target target;
    struct layout layout;
    struct edge_names *told;
    size_t told_count;
    struct traverse_item *items;
    const struct edge_names **of_item;
    size_t item_count;
    size_t exact, wrong, missing, references;
    bool no_core; // a living process
};

static void die(const char *what, const struct err *err)
{
    fprintf(stderr, "against-truth: %s: %s\n", what, err ? err->text : "failed");
    exit(2);
}

// "O addr type gen tracked size ref,ref,..."
static bool read_line(char *line, struct edge_names *t)
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

static addr type_word(struct check *c, const struct edge_names *t, int32_t offset)
{
    bool ok = true;
    return target_u64(&c->target, t->type + (addr)offset, &ok);
}

// As _PyObject_IS_GC, but for tp_is_gc.
static void make_items(struct check *c)
{
    c->items = malloc((c->told_count + 1) * sizeof *c->items);
    c->of_item = malloc((c->told_count + 1) * sizeof *c->of_item);
    for (size_t i = 0; i < c->told_count; i++) {
        const struct edge_names *t = &c->told[i];
        if (!(type_word(c, t, c->layout.PyTypeObject_tp_flags) & TPFLAGS_HAVE_GC))
            continue;
        addr function = type_word(c, t, c->layout.PyTypeObject_tp_traverse);
        c->items[c->item_count] = (struct traverse_item){ t->object, function };
        c->of_item[c->item_count++] = t;
    }
}

struct asked_is_gc {
    struct traverse *traverse;
    size_t *of_question; // the item
    bool *is_not;        // one an item
};

static bool note_is_gc(void *context, size_t i, bool ok, const addr *referents, size_t count)
{
    struct asked_is_gc *asked = context;
    (void)referents;
    (void)count;
    asked->is_not[asked->of_question[i]] = ok && !asked->traverse->returned;
    return true;
}

// Takes out the instances that their type's tp_is_gc says are none of the collector's.
static void ask_is_gc(struct check *c, struct traverse *traverse)
{
    struct asked_is_gc asked = { .traverse = traverse };
    struct traverse_item *questions = malloc((c->item_count + 1) * sizeof *questions);
    asked.of_question = malloc((c->item_count + 1) * sizeof *asked.of_question);
    asked.is_not = calloc(c->item_count + 1, 1);
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < c->item_count; i++) {
        addr function = type_word(c, c->of_item[i], c->layout.PyTypeObject_tp_is_gc);
        if (!function)
            continue;
        asked.of_question[count] = i;
        questions[count++] = (struct traverse_item){ c->items[i].object, function };
    }
    struct err err = ERR_INIT;
    if (!traverse_batch(traverse, questions, count, note_is_gc, &asked, &err))
        die("tp_is_gc", &err);
    for (size_t i = 0; i < c->item_count; i++) {
        if (asked.is_not[i])
            continue;
        c->items[kept] = c->items[i];
        c->of_item[kept++] = c->of_item[i];
    }
    c->item_count = kept;
    free(questions);
    free(asked.of_question);
    free(asked.is_not);
}

static bool check_answer(void *context, size_t i, bool ok, const addr *referents, size_t count)
{
    struct check *c = context;
    const struct edge_names *t = c->of_item[i];
    bool same =
        ok && count == t->ref_count && !memcmp(referents, t->refs, count * sizeof *referents);
    c->references += count;
    c->exact += same;
    c->missing += !ok;
    c->wrong += ok && !same;
    if (!same && c->missing + c->wrong <= 20)
        printf("  %" PRIx64 " of type %" PRIx64 ", tp_traverse %" PRIx64 ": %s, %zu for %zu\n",
               t->object, t->type, c->items[i].function, ok ? "differs" : "no answer", count,
               t->ref_count);
    return true;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int ask(struct check *c, const struct python *py, const struct traverse_options *options,
               int rounds)
{
    struct err err = ERR_INIT;
    struct traverse traverse;
    double before = seconds();
    if (!traverse_open(&traverse, py, options, &err))
        die("traverse_open", &err);
    printf("%zu maps, %zu left out, %u unmapped (errno %u); ready after %.1f ms\n",
           traverse.worker.maps.count, traverse.worker.maps.left_out, traverse.worker.unmapped,
           traverse.worker.unmapped_error, (seconds() - before) * 1e3);
    ask_is_gc(c, &traverse);
    for (int round = 0; round < rounds; round++) {
        c->exact = c->wrong = c->missing = c->references = 0;
        double start = seconds();
        if (!traverse_batch(&traverse, c->items, c->item_count, check_answer, c, &err))
            die("traverse_batch", &err);
        double took = seconds() - start;
        printf("%zu objects, %zu references: %zu exact, %zu wrong, %zu missing; %.2f ms, %.3f us "
               "an object, %u restarts\n",
               c->item_count, c->references, c->exact, c->wrong, c->missing, took * 1e3,
               took * 1e6 / (double)(c->item_count + 1), traverse.restarts);
    }
    traverse_close(&traverse);
    return c->item_count && !c->wrong && !c->missing ? 0 : 1;
}

// --- wild questions ------------------------------------------------------------------------------

static uint64_t dice(uint64_t *state) // xorshift64*
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(0x2545f4914f6cdd1d);
}

static addr some_address(struct check *c, uint64_t *state, uint32_t flags)
{
    for (int i = 0; i < 1000; i++) {
        const struct segment *s = &c->target.segments[dice(state) % c->target.segment_count];
        if ((s->flags & flags) == flags && s->host)
            return s->start + dice(state) % (s->end - s->start);
    }
    return dice(state);
}

static struct traverse_item wild_item(struct check *c, uint64_t *state)
{
    struct traverse_item item = c->items[dice(state) % c->item_count];
    switch (dice(state) % 8) {
    case 0:
        item.object = some_address(c, state, SEGMENT_READ);
        break;
    case 1:
        item.object = dice(state) >> dice(state) % 64;
        break;
    case 2:
    case 3:
        item.function = c->items[dice(state) % c->item_count].function;
        break;
    case 4:
        if (dice(state) % 50 == 0) // each may cost a process
            item.function = some_address(c, state, SEGMENT_EXEC);
        break;
    case 5:
        item.object += dice(state) % 64 * 8;
        break;
    default:
        break;
    }
    return item;
}

// A copy of the core in which words of objects, types among them, their collector's heads and what
// lies around are anything.
static int damaged_copy(struct check *c, uint64_t *state, size_t words)
{
    int fd = memfd_create("damaged", 0);
    static char block[1 << 20];
    ssize_t got;
    off_t at = 0;
    while ((got = pread(c->target.fd, block, sizeof block, at)) > 0
           && pwrite(fd, block, (size_t)got, at) == got)
        at += got;
    if (got)
        die("copying the core", NULL);
    for (size_t i = 0; i < words; i++) {
        addr place = c->items[dice(state) % c->item_count].object
                     + dice(state) % (dice(state) % 3 ? 16 : 64) * 8;
        const struct segment *s = target_segment(&c->target, place);
        if (!s || s->flags & SEGMENT_FILE || s->end - place < 8)
            continue;
        uint64_t word = dice(state) % 4 ? some_address(c, state, SEGMENT_READ) & ~(uint64_t)7
                                        : dice(state) >> dice(state) % 64;
        if (pwrite(fd, &word, sizeof word, (off_t)(s->offset + (place - s->start))) != sizeof word)
            die("damaging the copy", NULL);
    }
    return fd;
}

struct tally {
    size_t told, ok, referents;
};

static bool count_answer(void *context, size_t i, bool ok, const addr *referents, size_t count)
{
    struct tally *tally = context;
    (void)i;
    tally->told++;
    tally->ok += ok;
    for (size_t k = 0; k < count; k++)
        tally->referents += referents[k] != 0;
    return true;
}

static void forget(struct refs *refs)
{
    *(size_t *)refs->context += refs->count;
    refs->count = 0;
}

// What the decoders make of the objects of a damaged copy. Where damage keeps it from opening there
// is nothing to decode. Returns how many references they told.
static size_t decode_all(struct check *c, int fd, const char *layout, const char *sysroot,
                         const struct traverse_item *items, size_t count, size_t *opened)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct target_options files = { .sysroot = sysroot };
    struct python_options options = { .layout_file = layout, .no_gdb = true };
    struct target target;
    struct python py;
    struct err err = ERR_INIT;
    size_t told = 0;
    if (c->no_core || !target_open_core(&target, path, &files, &err))
        return 0;
    if (python_open(&py, &target, &options, &err)) {
        uint64_t words[4096];
        struct text text = TEXT_INIT;
        struct refs refs = { .to = words, .capacity = 4096, .full = forget, .context = &told };
        types_learn(&py);
        for (size_t i = 0; i < count; i++) {
            const struct type *type = type_of(&py, items[i].object);
            if (!type)
                continue;
            kind_refs(&py, type, items[i].object, &refs);
            forget(&refs);
            text_clear(&text);
            kind_preview(&py, type, items[i].object, 80, &text);
            told += kind_size(&py, type, items[i].object) == UINT64_MAX;
        }
        text_fini(&text);
        python_close(&py);
        ++*opened;
    }
    target_close(&target);
    return told;
}

static int fuzz(struct check *c, const struct python *py, struct traverse_options *options,
                size_t runs, uint64_t seed, const char *layout, const char *sysroot)
{
    size_t opened = 0;
    uint64_t state = seed * 2 + 1;
    options->stall_ms = 500;
    options->strikes_most = UINT32_MAX;
    int intact = c->target.fd, status = 0;
    enum { BLOCK = 20000 };
    struct traverse_item *items = malloc(BLOCK * sizeof *items);
    for (size_t done = 0; done < runs && !status; done += BLOCK) {
        struct traverse traverse;
        struct tally tally = { 0 };
        struct err err = ERR_INIT;
        bool intact_copy = done % (3 * BLOCK) == BLOCK;
        c->target.fd = damaged_copy(c, &state, intact_copy ? 0 : c->item_count / 4);
        for (size_t i = 0; i < BLOCK; i++)
            items[i] = wild_item(c, &state);
        alarm(BLOCK_SECONDS); // a hang ends us
        double start = seconds();
        size_t decoded = decode_all(c, c->target.fd, layout, sysroot, items, BLOCK, &opened);
        double between = seconds();
        if (!traverse_open(&traverse, py, options, &err)
            || !traverse_batch(&traverse, items, BLOCK, count_answer, &tally, &err))
            die("fuzz", &err);
        printf("%d decoded: %zu references, %.2f s; asked: %zu told, %zu answered, %zu references, "
               "%u restarts, %.2f s\n",
               BLOCK, decoded, between - start, tally.told, tally.ok, tally.referents,
               traverse.restarts, seconds() - between);
        alarm(0);
        status = tally.told != BLOCK;
        traverse_close(&traverse);
        close(c->target.fd);
        c->target.fd = intact;
    }
    free(items);
    printf("%zu of the damaged copies could be opened\n", opened);
    if (!opened && !c->no_core)
        return 1;
    return status ? status : ask(c, py, options, 1);
}

int main(int argc, char **argv)
{
    int option, rounds = 1;
    size_t runs = 0;
    uint64_t seed = 1;
    struct target_options files = { 0 };
    struct traverse_options options = { .mode = TRAVERSE_NATIVE };
    while ((option = getopt(argc, argv, "ef:r:s:S:")) >= 0) {
        if (option == 'e')
            options.mode = TRAVERSE_EMULATE;
        else if (option == 'r')
            rounds = atoi(optarg);
        else if (option == 'f')
            runs = strtoull(optarg, NULL, 10);
        else if (option == 's')
            seed = strtoull(optarg, NULL, 10);
        else if (option == 'S')
            files.sysroot = optarg;
        else
            return 2;
    }
    if (argc - optind != 4)
        return 2;
    static struct check check;
    struct err err = ERR_INIT;
    pid_t pid = atoi(argv[optind]);
    bool open = pid ? target_open_snapshot(&check.target, pid, &files, &err)
                    : target_open_core(&check.target, argv[optind], &files, &err);
    check.no_core = pid != 0;
    if (!open)
        die("target_open", &err);
    if (!layout_read(&check.layout, argv[optind + 2], &err))
        die("layout_read", &err);
    options.native = options.emulator = argv[optind + 3];
    read_truth(&check, argv[optind + 1]);
    make_items(&check);
    struct python py = { .target = &check.target };
    int status = runs ? fuzz(&check, &py, &options, runs, seed, argv[optind + 2], files.sysroot)
                      : ask(&check, &py, &options, rounds);
    target_close(&check.target);
    return status;
}
