// SPDX-License-Identifier: GPL-3.0-or-later
// For plant.py: C memory of which it is known whose it is. Addresses are told complemented, so that
// no copy of one stays where the blocks' owners are looked for.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct plant_node {
    struct plant_node *left, *right;
    unsigned char rest[84];
};

static uint64_t *notes; // complemented addresses
static size_t noted;
void *plant_variable;

void plant_notes(uint64_t *to)
{
    notes = to;
    noted = 0;
}

size_t plant_noted(void)
{
    return noted;
}

static void *plant_block(size_t size)
{
    void *block = malloc(size);
    memset(block, 0, size);
    notes[noted++] = ~(uint64_t)(uintptr_t)block;
    return block;
}

void *plant_tree(int depth)
{
    struct plant_node *n = plant_block(sizeof *n);
    if (depth > 1) {
        n->left = plant_tree(depth - 1);
        n->right = plant_tree(depth - 1);
    }
    return n;
}

// The last one points at `end`.
void *plant_chain(int length, void *end)
{
    struct plant_node *next = end;
    for (int i = 0; i < length; i++) {
        struct plant_node *n = plant_block(sizeof *n);
        n->left = next;
        next = n;
    }
    return next;
}

void plant_in_variable(int length)
{
    plant_variable = plant_chain(length, NULL);
}

void plant_forget(int count, size_t size)
{
    for (int i = 0; i < count; i++)
        memset(plant_block(size), 0x5a, size);
}

// Calls that leave other things where the addresses have been.
uint64_t plant_scrub(int depth)
{
    volatile uint64_t room[64];
    for (int i = 0; i < 64; i++)
        room[i] = (uint64_t)depth;
    return depth ? plant_scrub(depth - 1) + room[3] : room[5];
}
