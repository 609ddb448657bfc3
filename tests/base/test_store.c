// SPDX-License-Identifier: GPL-3.0-or-later
// Records and stores: what goes in comes out, and what does not fit is refused.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/record.h"
#include "base/store.h"
#include "base/store_head.h"
#include "unit.h"

// --- records ------------------------------------------------------------------------------------

static struct record record_of(const struct text *text)
{
    const uint8_t *at = (const uint8_t *)text_string(text);
    return (struct record){ .at = at, .end = at + text->size };
}

static void test_numbers(void)
{
    static const uint64_t numbers[] = { 0, 1, 127, 128, 300, UINT32_MAX, INT64_MAX, UINT64_MAX };
    static const int64_t signs[] = { 0, -1, 1, -64, 64, INT64_MIN, INT64_MAX };
    struct text text = TEXT_INIT;
    for (size_t i = 0; i < 8; i++)
        record_put(&text, numbers[i]);
    for (size_t i = 0; i < 7; i++)
        record_put_signed(&text, signs[i]);
    struct record from = record_of(&text);
    for (size_t i = 0; i < 8; i++)
        CU_ASSERT_EQUAL(record_number(&from), numbers[i]);
    for (size_t i = 0; i < 7; i++)
        CU_ASSERT_EQUAL(record_signed(&from), signs[i]);
    CU_ASSERT_FALSE(from.bad);
    CU_ASSERT_EQUAL(record_number(&from), 0); // beyond the end
    CU_ASSERT_TRUE(from.bad);
    text_fini(&text);
}

static void test_texts(void)
{
    struct text text = TEXT_INIT;
    struct arena arena = ARENA_INIT;
    record_put_text(&text, "spam");
    record_put_text(&text, NULL);
    record_put_text(&text, "");
    record_put_text(&text, "a\\n\u00e9");
    record_put_text(&text, "\033[31m");
    struct record from = record_of(&text);
    CU_ASSERT_STRING_EQUAL(record_text(&from, &arena), "spam");
    CU_ASSERT_PTR_NULL(record_text(&from, &arena));
    CU_ASSERT_STRING_EQUAL(record_text(&from, &arena), "");
    CU_ASSERT_STRING_EQUAL(record_escaped(&from, &arena), "a\\n\u00e9");
    CU_ASSERT_FALSE(from.bad);
    CU_ASSERT_PTR_NULL(record_escaped(&from, &arena)); // would reach a terminal
    CU_ASSERT_TRUE(from.bad);
    text_fini(&text);
    arena_fini(&arena);
}

static void test_absurd_records(void)
{
    static const uint8_t endless[] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1 };
    static const uint8_t long_text[] = { 200, 1, 'a', 'b' };
    struct arena arena = ARENA_INIT;
    struct record from = { .at = endless, .end = endless + sizeof endless };
    CU_ASSERT_EQUAL(record_number(&from), 0);
    CU_ASSERT_TRUE(from.bad);
    from = (struct record){ .at = long_text, .end = long_text + sizeof long_text };
    CU_ASSERT_PTR_NULL(record_text(&from, &arena));
    CU_ASSERT_TRUE(from.bad);
    from = (struct record){ .at = long_text, .end = long_text + sizeof long_text };
    CU_ASSERT_EQUAL(record_count(&from, 1), 0); // 200 rows in two bytes
    CU_ASSERT_TRUE(from.bad);
    arena_fini(&arena);
}

// --- stores -------------------------------------------------------------------------------------

#define WORDS ((size_t)700000) // three frames

static char path[] = "/tmp/ouro-store-XXXXXX";

static void write_store(const uint32_t *words, unsigned threads)
{
    struct store_out out;
    struct err err = ERR_INIT;
    struct text text = TEXT_INIT;
    uint64_t bytes;
    size_t count;
    int fd = mkstemp(path);
    close(fd);
    CU_ASSERT_FALSE(store_create(&out, path, threads, &err)); // it is there
    CU_ASSERT_EQUAL(err.kind, ERR_IO);
    unlink(path);
    UNIT_OK(store_create(&out, path, threads, &err), &err);
    text_add_string(&text, "hello");
    store_put_text(&out, "greeting", &text);
    text_fini(&text);
    store_put_section(&out, "plain", STORE_PLAIN, words, WORDS * 4);
    store_put_section(&out, "delta", STORE_DELTA, words, WORDS * 4);
    store_put_section(&out, "nothing", STORE_PLAIN, words, 0);
    store_section(&out, "frames", STORE_PLAIN);
    store_put_frame(&out, words, 1000);
    CU_ASSERT_EQUAL(store_frames(&out, &count)[0], out.rows[4].packed);
    store_put_frame(&out, words + 1000, 2000);
    const uint64_t *frames = store_frames(&out, &count);
    CU_ASSERT_EQUAL(count, 2);
    CU_ASSERT_EQUAL(frames[0] + frames[1], out.rows[4].packed);
    store_section(&out, "as is", STORE_AS_IS);
    store_put(&out, words, 1001); // in pieces that no sum ends with
    store_put(&out, (const uint8_t *)words + 1001, 3003);
    store_put_section(&out, "none as is", STORE_AS_IS, words, 0);
    store_put_section(&out, "after it", STORE_PLAIN, words, 1000);
    UNIT_OK(store_finish(&out, 7, &bytes, &err), &err);
    struct stat st;
    CU_ASSERT_EQUAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL((uint64_t)st.st_size, bytes);
}

static void check_frame(struct store *store, const uint32_t *words)
{
    uint8_t piece[2000];
    const uint64_t all = store->rows[4].packed;
    CU_ASSERT_STRING_EQUAL(store->rows[4].name, "frames");
    uint64_t first = 0;
    while (first < all && !store_frame(store, "frames", 0, first, piece, 1000))
        first++;
    CU_ASSERT_EQUAL(memcmp(piece, words, 1000), 0);
    CU_ASSERT_TRUE(store_frame(store, "frames", first, all - first, piece, 2000));
    CU_ASSERT_EQUAL(memcmp(piece, words + 1000, 2000), 0);
    CU_ASSERT_FALSE(store_frame(store, "frames", first, all - first, piece, 1999));
    CU_ASSERT_FALSE(store_frame(store, "frames", first, all, piece, 2000));
    CU_ASSERT_FALSE(store_frame(store, "frames", UINT64_MAX, 2, piece, 2000));
    CU_ASSERT_FALSE(store_frame(store, "frames", first, 0, piece, 0));
}

// An array is where the file is mapped; or a copy, if others may write to the file.
static void check_arrays(struct store *store, const uint32_t *words)
{
    static const char *const names[] = { "as is", "plain", "none as is", "nowhere" };
    const void *array, *again;
    struct err err = ERR_INIT;
    const uint8_t *end = store->bytes + store->size;
    store_compare_all(store, names, sizeof names / sizeof *names);
    UNIT_OK(store_array(store, "as is", 1001, 4, &array, &err), &err);
    const uint8_t *at = array;
    CU_ASSERT_EQUAL((at > store->bytes && at < end), !store->shared);
    CU_ASSERT_TRUE(store->shared || !((uintptr_t)at % STORE_ALIGN));
    CU_ASSERT_EQUAL(memcmp(array, words, 4004), 0);
    UNIT_OK(store_array(store, "plain", WORDS, 4, &array, &err), &err);
    CU_ASSERT_EQUAL(memcmp(array, words, WORDS * 4), 0);
    UNIT_OK(store_array(store, "plain", WORDS * 2, 2, &again, &err), &err);
    CU_ASSERT_PTR_EQUAL(again, array); // unpacked once
    UNIT_OK(store_array(store, "none as is", 0, 4, &array, &err), &err);
    CU_ASSERT_FALSE(store_array(store, "as is", 1000, 4, &array, &err));
    CU_ASSERT_FALSE(store_array(store, "as is", 500, 8, &array, &err));
    CU_ASSERT_FALSE(store_array(store, "nowhere", 0, 4, &array, &err));
    UNIT_OK(store_keep(store, malloc(10), &err), &err);
}

static void test_shared(void)
{
    uint32_t *words = malloc(WORDS * 4);
    struct store store;
    struct err err = ERR_INIT;
    for (size_t i = 0; i < WORDS; i++)
        words[i] = (uint32_t)i;
    strcpy(path, "/tmp/ouro-store-XXXXXX");
    write_store(words, 1);
    for (unsigned mode = 0600; mode <= 0666; mode += 066) {
        CU_ASSERT_EQUAL(chmod(path, mode), 0);
        UNIT_OK(store_open(&store, path, &err), &err);
        CU_ASSERT_EQUAL(store.shared, mode != 0600);
        check_arrays(&store, words);
        store_close(&store);
    }
    unlink(path);
    strcpy(path, "/tmp/ouro-store-XXXXXX");
    free(words);
}

// Several threads pack the same bytes as one, and unpack them.
static void test_threads(void)
{
    uint32_t *words = malloc(WORDS * 4), *read = malloc(WORDS * 4);
    char *files[2];
    size_t sizes[2];
    struct store store;
    struct err err = ERR_INIT;
    for (size_t i = 0; i < WORDS; i++)
        words[i] = (uint32_t)(i * 7 + i % 13 * (i % 911));
    for (unsigned i = 0; i < 2; i++) {
        strcpy(path, "/tmp/ouro-store-XXXXXX");
        write_store(words, i ? POOL_MOST : 1);
        FILE *file = fopen(path, "rb");
        files[i] = malloc(WORDS * 8);
        sizes[i] = fread(files[i], 1, WORDS * 8, file);
        fclose(file);
        UNIT_OK(store_open(&store, path, &err), &err);
        store.threads = 3;
        UNIT_OK(store_read(&store, "delta", read, WORDS * 4, &err), &err);
        CU_ASSERT_EQUAL(memcmp(read, words, WORDS * 4), 0);
        store_close(&store);
        unlink(path);
    }
    CU_ASSERT_EQUAL(sizes[0], sizes[1]);
    CU_ASSERT_EQUAL(memcmp(files[0], files[1], sizes[0]), 0);
    for (unsigned i = 0; i < 2; i++)
        free(files[i]);
    strcpy(path, "/tmp/ouro-store-XXXXXX");
    free(words);
    free(read);
}

static void test_store(void)
{
    uint32_t *words = malloc(WORDS * 4), *read = malloc(WORDS * 4);
    struct store store;
    struct err err = ERR_INIT;
    void *text;
    size_t size;
    for (size_t i = 0; i < WORDS; i++)
        words[i] = (uint32_t)(i * 7 + i % 13);
    write_store(words, 1);
    CU_ASSERT_TRUE(store_is(path));
    UNIT_OK(store_open(&store, path, &err), &err);
    CU_ASSERT_EQUAL(store.flags, 7);
    CU_ASSERT_EQUAL(store_size(&store, "plain"), WORDS * 4);
    CU_ASSERT_TRUE(store.rows[2].packed < store.rows[1].packed / 2); // ascending numbers
    static const char *const names[] = { "plain", "delta" };
    for (size_t i = 0; i < 2; i++) {
        memset(read, 0, WORDS * 4);
        UNIT_OK(store_read(&store, names[i], read, WORDS * 4, &err), &err);
        CU_ASSERT_EQUAL(memcmp(read, words, WORDS * 4), 0);
    }
    UNIT_OK(store_load(&store, "greeting", 100, &text, &size, &err), &err);
    CU_ASSERT_EQUAL(size, 5);
    CU_ASSERT_EQUAL(memcmp(text, "hello", 5), 0);
    free(text);
    CU_ASSERT_FALSE(store_load(&store, "greeting", 4, &text, &size, &err));
    CU_ASSERT_FALSE(store_read(&store, "plain", read, WORDS * 4 - 4, &err));
    CU_ASSERT_FALSE(store_read(&store, "none", read, 4, &err));
    UNIT_OK(store_read(&store, "nothing", read, 0, &err), &err);
    check_frame(&store, words);
    store_close(&store);
    free(words);
    free(read);
}

// Whether something is read that was not written; what cannot be read is not.
static bool reads_wrong(struct store *store, const uint32_t *words, uint32_t *room)
{
    static const char *const names[] = { "plain", "delta" };
    bool wrong = false;
    const void *array;
    wrong |= store_array(store, "as is", 1001, 4, &array, NULL) && memcmp(array, words, 4004);
    for (size_t i = 0; i < 2; i++)
        wrong |= store_read(store, names[i], room, WORDS * 4, NULL)
                 && memcmp(room, words, WORDS * 4) != 0;
    const struct store_row *frames = &store->rows[4];
    for (uint64_t first = 1; first < frames->packed; first++) {
        wrong |= store_frame(store, "frames", 0, first, room, 1000) && memcmp(room, words, 1000);
        wrong |= store_frame(store, "frames", first, frames->packed - first, room, 2000)
                 && memcmp(room, words + 1000, 2000);
    }
    return wrong;
}

// Every byte is under a sum: none may change.
static void test_damage(void)
{
    struct store store;
    struct stat st;
    struct err err = ERR_INIT;
    size_t opened = 0, wrong = 0;
    uint32_t *words = malloc(WORDS * 4), *room = malloc(WORDS * 4);
    for (size_t i = 0; i < WORDS; i++)
        words[i] = (uint32_t)(i * 7 + i % 13);
    FILE *file = fopen(path, "r+b");
    CU_ASSERT_EQUAL(fstat(fileno(file), &st), 0);
    for (long at = 0; at < st.st_size; at += at < 400 || at > st.st_size - 400 ? 1 : 9973) {
        fseek(file, at, SEEK_SET);
        int byte = fgetc(file);
        for (int back = 0; back < 2; back++) {
            fseek(file, at, SEEK_SET);
            fputc(back ? byte : byte ^ 1 << at % 8, file);
            fflush(file);
            if (!back && store_open(&store, path, &err)) {
                bool few = at % 5 == 0 || at > st.st_size - 12000; // frames, arrays
                wrong += few && reads_wrong(&store, words, room);
                opened += store_verify(&store, &err);
                store_close(&store);
            }
        }
    }
    CU_ASSERT_EQUAL(opened, 0);
    CU_ASSERT_EQUAL(wrong, 0);
    free(words);
    free(room);
    UNIT_OK(store_open(&store, path, &err), &err);
    store_close(&store);
    for (long size = st.st_size - 1; size > 0; size /= 2) {
        CU_ASSERT_EQUAL(ftruncate(fileno(file), size), 0);
        CU_ASSERT_FALSE(store_open(&store, path, &err));
        CU_ASSERT_EQUAL(err.kind, ERR_FORMAT);
    }
    fclose(file);
    unlink(path);
}

// The headers of a file of the first format, and of one that nobody has written yet.
static const uint8_t of_format_1[64] = {
    0x89, 'O',  'U',  'R',  'O',  'H',  'P',  0x0a, 0x01, 0x00, 0x00, 0x00, 0x04, 0x03, 0x02, 0x01,
    0x24, 0xfa, 0x30, 0x00, 0x00, 0x00, 0x00, 0x00, 0x54, 0xf5, 0x30, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x57, 0xbb, 0xcf, 0xd8, 0x29, 0xbe, 0x04, 0x12, 0x16, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x64, 0xb7, 0x52, 0x23, 0x23, 0x34, 0x1b,
};
static const uint8_t of_format_900[64] = {
    0x89, 'O',  'U',  'R',  'O',  'H',  'P',  0x0a, 0x84, 0x03, 0x00, 0x00, 0x04, 0x03, 0x02, 0x01,
    0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xea, 0x48, 0x4b, 0xdc, 0x67, 0xf2, 0x69, 0x45,
};

static void refuses(const uint8_t head[64], enum err_kind kind, const char *sentence)
{
    char name[] = "/tmp/ouro-format-XXXXXX";
    struct store store;
    struct err err = ERR_INIT;
    int fd = mkstemp(name);
    CU_ASSERT_EQUAL(write(fd, head, 64), 64);
    close(fd);
    CU_ASSERT_TRUE(store_is(name));
    CU_ASSERT_FALSE(store_open(&store, name, &err));
    CU_ASSERT_EQUAL(err.kind, kind);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, sentence));
    unlink(name);
}

static void test_other_formats(void)
{
    char older[120], newer[120];
    snprintf(older, sizeof older,
             "written by an older version of ouro: format 1, this one reads format %d;",
             STORE_FORMAT);
    snprintf(newer, sizeof newer,
             "written by a newer version of ouro: format 900, this one reads format %d;",
             STORE_FORMAT);
    refuses(of_format_1, ERR_UNSUPPORTED, older);
    refuses(of_format_900, ERR_UNSUPPORTED, newer);
    uint8_t flipped[64];
    memcpy(flipped, of_format_1, sizeof flipped);
    flipped[8] ^= 4;
    refuses(flipped, ERR_FORMAT, "the saved heap is damaged: its header's checksum does not match");
}

static void test_format(void)
{
    CU_ASSERT_EQUAL(sizeof STORE_MAGIC - 1, sizeof((struct store_head *)0)->magic);
    CU_ASSERT_EQUAL(sizeof(struct store_row), 56);
    CU_ASSERT_FALSE(store_is("/nowhere"));
    CU_ASSERT_FALSE(store_is("/"));
    store_close(&(struct store){ 0 });
    store_abandon(&(struct store_out){ .fd = -1 });
}

UNIT_SUITE(store, { "numbers", test_numbers }, { "texts", test_texts },
           { "absurd records", test_absurd_records }, { "threads", test_threads },
           { "arrays", test_shared }, { "a store written and read", test_store },
           { "no byte of it may change", test_damage }, { "the format", test_format },
           { "other formats", test_other_formats })
