// SPDX-License-Identifier: GPL-3.0-or-later
// How long the graph floor takes, in nanoseconds per node, on a random graph and on one with the
// locality of a real heap: bench-graph [NODES]
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "graph/graph.h"

static uint64_t state = 0x9e3779b97f4a7c15u;

static uint32_t random_below(uint32_t bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(((state >> 32) * bound) >> 32);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void say(const char *what, double start, uint32_t nodes)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("  %-12s %7.1f ns/node   peak %5.1f bytes/node\n", what, (now() - start) * 1e9 / nodes,
           (double)usage.ru_maxrss * 1024 / nodes);
}

static void die(const struct err *err)
{
    fprintf(stderr, "bench-graph: %s\n", err->text);
    exit(1);
}

// 1.7 edges a node. near: within a few thousand nodes, but for one in sixteen.
static struct csr make(uint32_t nodes, bool near, struct err *err)
{
    struct csr csr;
    if (!csr_begin(&csr, nodes, 0, err))
        die(err);
    for (uint32_t n = 0; n < nodes; n++) {
        uint32_t degree = 1 + (random_below(10) < 7);
        for (uint32_t i = 0; i < degree; i++) {
            uint32_t to =
                near && random_below(16) ? (n + random_below(4096)) % nodes : random_below(nodes);
            if (!csr_add(&csr, to, err))
                die(err);
        }
        if (!csr_end_node(&csr, err))
            die(err);
    }
    if (!csr_finish(&csr, err))
        die(err);
    return csr;
}

static void measure(const char *name, uint32_t nodes, bool near)
{
    struct err err = ERR_INIT;
    struct walk walk = { 0 };
    uint32_t roots[16];
    for (uint32_t i = 0; i < 16; i++)
        roots[i] = random_below(nodes);
    printf("%s, %u nodes\n", name, nodes);
    double start = now();
    struct csr csr = make(nodes, near, &err);
    say("make", start, nodes);
    struct csr reverse;
    start = now();
    if (!csr_transpose(&csr, &reverse, 1, NULL, &err))
        die(&err);
    say("transpose", start, nodes);
    uint64_t *seen = calloc(marks_words(nodes), sizeof *seen);
    uint64_t *first = calloc(marks_words(nodes), sizeof *first);
    for (uint32_t i = 0; first && i < 16; i++)
        marks_set(first, roots[i]);
    start = now();
    if (!seen || !first || !reach_from_marked(&csr, walk, first, seen, NULL, &err))
        die(&err);
    say("reach", start, nodes);
    free(seen);
    free(first);
    struct scc scc;
    start = now();
    if (!scc_find(&csr, walk, &scc, NULL, &err))
        die(&err);
    say("scc", start, nodes);
    scc_free(&scc);
    struct dom dom;
    start = now();
    if (!dom_find(&csr, &reverse, walk, roots, 16, &dom, NULL, &err))
        die(&err);
    say("dom", start, nodes);
    uint64_t *sum = malloc(nodes * sizeof *sum);
    for (uint32_t n = 0; sum && n < nodes; n++)
        sum[n] = 1;
    start = now();
    if (!sum || dom_sum(&dom, sum) != dom.reached)
        die(&err);
    say("retained", start, nodes);
    printf("  reached %u\n", dom.reached);
    free(sum);
    dom_free(&dom);
    csr_free(&csr);
    csr_free(&reverse);
}

int main(int argc, char **argv)
{
    long nodes = argc > 1 ? strtol(argv[1], NULL, 10) : 10000000;
    if (nodes < 16 || nodes > (long)CSR_NODE_MAX) {
        fprintf(stderr, "usage: bench-graph [NODES]\n");
        return 2;
    }
    measure("local", (uint32_t)nodes, true);
    measure("random", (uint32_t)nodes, false);
    return 0;
}
