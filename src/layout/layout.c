// SPDX-License-Identifier: GPL-3.0-or-later
// The text form of a layout, and the table of its rows.
//
// The rows are generated from fields.def: a name, and the offset in struct layout where its number
// is kept. A file lists them mostly in the same order, so that a search which continues from the
// last match finds nearly every name at once.
#include "layout/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_MAX = 1 << 20,   // bytes of a layout file
    LINES_MAX = 20000,    // ten times what fields.def has
    NUMBER_MAX = 1 << 20, // the largest offset or size; PyInterpreterState has 383552 bytes in 3.12
    WORDS_MAX = 4,
    BITS_MAX = 64,
};

enum row_kind { ROW_PLACE, ROW_BITS, ROW_CONSTANT };

struct layout_row {
    const char *name;
    uint32_t at; // offset in struct layout
    enum row_kind kind;
    uint8_t width; // bytes read for it
};

static const struct layout_row rows[] = {
#define STRUCT(type) { #type, offsetof(struct layout, sizeof_##type), ROW_PLACE, 0 },
#define MEMBER(type, member, width)                                                                \
    { #type "." #member, offsetof(struct layout, type##_##member), ROW_PLACE, width },
#define FIELD(type, member) MEMBER(type, member, sizeof(uint64_t))
#define TYPED(type, member, c) MEMBER(type, member, sizeof(c))
#define PART(type, member) MEMBER(type, member, 0) // may begin where the struct ends: an array
#define BITS(type, member)                                                                         \
    MEMBER(type, member, 1){ "bits " #type "." #member,                                            \
                             offsetof(struct layout, bits_##type##_##member), ROW_BITS, 0 },
#define CONSTANT(name) { #name, offsetof(struct layout, name), ROW_CONSTANT, 0 },
#include "layout/fields.def"
};

static const struct layout_row symbols[] = {
#define SYMBOL(name) { #name, offsetof(struct layout, sym_##name), ROW_PLACE, 0 },
#include "layout/fields.def"
};

enum { N_ROWS = sizeof rows / sizeof rows[0], N_SYMBOLS = sizeof symbols / sizeof symbols[0] };

static int32_t *row_place(struct layout *layout, const struct layout_row *row)
{
    return (int32_t *)((char *)layout + row->at);
}

static int32_t row_value(const struct layout *layout, const struct layout_row *row)
{
    return *(const int32_t *)((const char *)layout + row->at);
}

static int32_t row_none(const struct layout_row *row)
{
    return row->kind == ROW_CONSTANT ? CONSTANT_NONE : LAYOUT_NONE;
}

void layout_init(struct layout *layout)
{
    *layout = (struct layout){ 0 };
    for (size_t i = 0; i < N_ROWS; i++)
        *row_place(layout, &rows[i]) = row_none(&rows[i]);
}

bool layout_row(const struct layout *layout, size_t i, const char **name, int32_t *value)
{
    if (i >= N_ROWS)
        return false;
    *name = rows[i].name;
    *value = row_value(layout, &rows[i]);
    return true;
}

int32_t *layout_row_at(struct layout *layout, size_t i)
{
    return i < N_ROWS ? row_place(layout, &rows[i]) : NULL;
}

bool layout_symbol(const struct layout *layout, size_t i, const char **name, uint64_t *address)
{
    if (i >= N_SYMBOLS)
        return false;
    *name = symbols[i].name;
    *address = *(const uint64_t *)((const char *)layout + symbols[i].at);
    return true;
}

void layout_wanted(FILE *file)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        const char *name = rows[i].name;
        int length = (int)strcspn(name, ".");
        if (rows[i].kind == ROW_CONSTANT)
            fprintf(file, "CONSTANT(%s)\n", name);
        else if (rows[i].kind == ROW_BITS)
            continue; // written with the row before
        else if (name[length] && i + 1 < N_ROWS && rows[i + 1].kind == ROW_BITS)
            fprintf(file, "BITS(%.*s, %s)\n", length, name, name + length + 1);
        else if (name[length])
            fprintf(file, "FIELD(%.*s, %s)\n", length, name, name + length + 1);
        else
            fprintf(file, "STRUCT(%s)\n", name);
    }
    for (size_t i = 0; i < N_SYMBOLS; i++)
        fprintf(file, "SYMBOL(%s)\n", symbols[i].name);
}

// FNV-1a over a name and its terminating zero.
static uint32_t hash_name(uint32_t hash, const char *name)
{
    do
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    while (*name++);
    return hash;
}

uint32_t layout_rows(void)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < N_ROWS; i++)
        hash = hash_name(hash, rows[i].name);
    for (size_t i = 0; i < N_SYMBOLS; i++)
        hash = hash_name(hash, symbols[i].name);
    return hash;
}

// ---- Reading

struct reader {
    struct layout *layout;
    const char *name; // of the file, for the error
    unsigned line;
    size_t next_row; // where the search for the next name begins
    struct err *err;
};

static bool reader_fail(struct reader *reader, const char *what, const char *word)
{
    return err_set(reader->err, ERR_FORMAT, "%s: line %u: %s: %.60s", reader->name, reader->line,
                   what, word);
}

// A whole word as a number within [low, high]; decimal or 0x.
static bool parse_number(const char *word, int64_t low, int64_t high, int64_t *number)
{
    char *end;
    errno = 0;
    long long value = strtoll(word, &end, 0);
    if (end == word || *end || errno || value < low || value > high)
        return false;
    *number = value;
    return true;
}

static const struct layout_row *layout_find_row(struct reader *reader, const char *name)
{
    for (size_t n = 0; n < N_ROWS; n++) {
        size_t i = (reader->next_row + n) % N_ROWS;
        if (strcmp(rows[i].name, name) == 0) {
            reader->next_row = i + 1;
            return &rows[i];
        }
    }
    return NULL;
}

static bool read_place(struct reader *reader, const char *name, const char *word)
{
    const struct layout_row *row = layout_find_row(reader, name);
    int64_t number;
    if (!parse_number(word, 0, NUMBER_MAX, &number))
        return reader_fail(reader, "not an offset", word);
    if (row && row->kind == ROW_PLACE)
        *row_place(reader->layout, row) = (int32_t)number;
    return true;
}

static bool read_constant(struct reader *reader, const char *name, const char *word)
{
    const struct layout_row *row = layout_find_row(reader, name);
    int64_t number;
    if (!parse_number(word, INT32_MIN + 1, INT32_MAX, &number))
        return reader_fail(reader, "not a number", word);
    if (row && row->kind == ROW_CONSTANT)
        *row_place(reader->layout, row) = (int32_t)number;
    return true;
}

// The row of a member's bits follows the row of its offset.
static bool read_bits(struct reader *reader, const char *name, char *const *words)
{
    const struct layout_row *row = layout_find_row(reader, name);
    int64_t shift, width;
    if (!parse_number(words[0], 0, 7, &shift) || !parse_number(words[1], 1, BITS_MAX, &width))
        return reader_fail(reader, "no bits of a word", name);
    if (row && row + 1 < rows + N_ROWS && row[1].kind == ROW_BITS)
        *row_place(reader->layout, row + 1) = LAYOUT_BITS(shift, width);
    return true;
}

static bool read_symbol(struct reader *reader, const char *name, const char *word)
{
    int64_t address;
    if (!parse_number(word, 1, INT64_MAX, &address))
        return reader_fail(reader, "not an address", word);
    for (size_t i = 0; i < N_SYMBOLS; i++)
        if (strcmp(symbols[i].name, name) == 0)
            *(uint64_t *)((char *)reader->layout + symbols[i].at) = (uint64_t)address;
    return true;
}

static bool read_flag(struct reader *reader, bool *flag, const char *word)
{
    int64_t number;
    if (!parse_number(word, 0, 1, &number))
        return reader_fail(reader, "neither 0 nor 1", word);
    *flag = number;
    return true;
}

static bool read_version(struct reader *reader, const char *word)
{
    int64_t number;
    if (!parse_number(word, 0x02070000, 0x03ffffff, &number))
        return reader_fail(reader, "not a version of CPython", word);
    reader->layout->version = (uint32_t)number;
    return true;
}

static bool read_rows(struct reader *reader, const char *word)
{
    int64_t number;
    if (!parse_number(word, 0, UINT32_MAX, &number))
        return reader_fail(reader, "not a number", word);
    reader->layout->rows = (uint32_t)number;
    return true;
}

static bool read_machine(struct reader *reader, const char *word)
{
    if (strlen(word) >= sizeof reader->layout->machine)
        return reader_fail(reader, "not a machine", word);
    strcpy(reader->layout->machine, word);
    return true;
}

static bool layout_read_words(struct reader *reader, char *const *words, size_t n)
{
    if (n < 2)
        return reader_fail(reader, "a value is missing after", words[0]);
    if (strcmp(words[0], "constant") == 0 || strcmp(words[0], "symbol") == 0) {
        if (n < 3)
            return reader_fail(reader, "a value is missing after", words[1]);
        return words[0][0] == 'c' ? read_constant(reader, words[1], words[2])
                                  : read_symbol(reader, words[1], words[2]);
    }
    if (strcmp(words[0], "bits") == 0)
        return n == 4 ? read_bits(reader, words[1], words + 2)
                      : reader_fail(reader, "a value is missing after", words[1]);
    if (strcmp(words[0], "version") == 0)
        return read_version(reader, words[1]);
    if (strcmp(words[0], "machine") == 0)
        return read_machine(reader, words[1]);
    if (strcmp(words[0], "free_threaded") == 0)
        return read_flag(reader, &reader->layout->free_threaded, words[1]);
    if (strcmp(words[0], "debug") == 0)
        return read_flag(reader, &reader->layout->debug, words[1]);
    if (strcmp(words[0], "rows") == 0)
        return read_rows(reader, words[1]);
    return read_place(reader, words[0], words[1]);
}

// A sentence is the rest of its line, with control characters as '?'.
static bool read_sentence(const char *line, const char *key, char *to, size_t size)
{
    size_t length = strlen(key), n = 0;
    if (strncmp(line, key, length) != 0 || (line[length] != ' ' && line[length] != '\t'))
        return false;
    const char *rest = line + length + strspn(line + length, " \t");
    for (; rest[n] && n + 1 < size; n++)
        to[n] = (unsigned char)rest[n] < ' ' || rest[n] == 127 ? '?' : rest[n];
    to[n] = '\0';
    return true;
}

static bool read_line(struct reader *reader, char *line)
{
    line += strspn(line, " \t");
    struct layout *layout = reader->layout;
    if (read_sentence(line, "source", layout->source, sizeof layout->source)
        || read_sentence(line, "made_of", layout->made_of, sizeof layout->made_of))
        return true;
    line[strcspn(line, "#")] = '\0';
    char *words[WORDS_MAX];
    size_t n = 0;
    char *rest = line;
    for (char *word; n < WORDS_MAX && (word = strsep(&rest, " \t\r"));)
        if (*word)
            words[n++] = word;
    return n == 0 || layout_read_words(reader, words, n);
}

static bool read_lines(struct reader *reader, const char *text, size_t size)
{
    while (size > 0) {
        const char *end = memchr(text, '\n', size);
        size_t length = end ? (size_t)(end - text) : size;
        char line[400];
        if (++reader->line > LINES_MAX)
            return reader_fail(reader, "too many lines", "");
        if (length >= sizeof line || memchr(text, '\0', length))
            return reader_fail(reader, "not a line of text", "");
        memcpy(line, text, length);
        line[length] = '\0';
        if (!read_line(reader, line))
            return false;
        size_t step = length + (end != NULL);
        text += step;
        size -= step;
    }
    return true;
}

// What the decoders subtract from one another: the first is smaller by this many bytes at least.
static bool layout_check_order(const struct layout *layout, const char *name, struct err *err)
{
    const struct {
        const char *first, *second;
        int32_t low, high, least;
    } orders[] = {
        { "BLOCK.data", "BLOCK.rightlink", layout->BLOCK_data, layout->BLOCK_rightlink, 8 },
        { "PyDictObject", "StgDictObject", layout->sizeof_PyDictObject,
          layout->sizeof_StgDictObject, 0 },
        { "PyTypeObject", "PyHeapTypeObject", layout->sizeof_PyTypeObject,
          layout->sizeof_PyHeapTypeObject, 0 },
    };
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (orders[i].low != LAYOUT_NONE && orders[i].high != LAYOUT_NONE
            && (int64_t)orders[i].high - orders[i].low < orders[i].least)
            return err_set(err, ERR_FORMAT, "%s: %s (%d) leaves no room after %s (%d)", name,
                           orders[i].second, orders[i].high, orders[i].first, orders[i].low);
    return true;
}

bool layout_check(const struct layout *layout, const char *name, struct err *err)
{
    int32_t size = LAYOUT_NONE; // of the struct whose members follow
    for (size_t i = 0; i < N_ROWS; i++) {
        if (rows[i].kind != ROW_PLACE)
            continue;
        int32_t value = row_value(layout, &rows[i]);
        if (!strchr(rows[i].name, '.'))
            size = value;
        else if (size != LAYOUT_NONE && value != LAYOUT_NONE && value + rows[i].width > size)
            return err_set(err, ERR_FORMAT, "%s: %s lies at %d, beyond its struct of %d bytes",
                           name, rows[i].name, value, size);
    }
    return layout_check_order(layout, name, err);
}

bool layout_parse(struct layout *layout, const char *text, size_t size, const char *name,
                  struct err *err)
{
    layout_init(layout);
    struct reader reader = { .layout = layout, .name = name, .err = err };
    bool ok = size <= FILE_MAX ? read_lines(&reader, text, size)
                               : err_set(err, ERR_FORMAT, "%s: too large for a layout file", name);
    if (ok && layout->version == 0)
        ok = err_set(err, ERR_FORMAT, "%s: not a layout file: it names no version", name);
    if (ok && layout->PyObject_ob_type == LAYOUT_NONE)
        ok = err_set(err, ERR_FORMAT, "%s: PyObject.ob_type is missing", name);
    ok = ok && layout_check(layout, name, err);
    if (!ok)
        layout_init(layout);
    return ok;
}

static bool read_all(int fd, char *text, size_t size, size_t *got)
{
    *got = 0;
    while (*got < size) {
        ssize_t n = read(fd, text + *got, size - *got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return true;
}

bool layout_read(struct layout *layout, const char *path, struct err *err)
{
    layout_init(layout);
    int fd =
        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a FIFO under that name must not hang us
    if (fd < 0)
        return err_errno(err, errno, path);
    struct stat st;
    bool ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    char *text = ok ? malloc(FILE_MAX + 1) : NULL;
    size_t size = 0;
    if (!ok)
        err_set(err, ERR_IO, "%s: not a file", path);
    else if (!text)
        ok = err_memory(err, path);
    else if (!read_all(fd, text, FILE_MAX + 1, &size))
        ok = err_errno(err, errno, path);
    else
        ok = layout_parse(layout, text, size, path, err);
    free(text);
    close(fd);
    return ok;
}

// ---- Writing

static void print_layout(const struct layout *layout, FILE *file)
{
    fprintf(file, "# The layout of one build of CPython: see doc/layout-format.md.\n");
    fprintf(file, "version 0x%08" PRIx32 "\nfree_threaded %d\ndebug %d\n", layout->version,
            layout->free_threaded, layout->debug);
    if (layout->machine[0])
        fprintf(file, "machine %s\n", layout->machine);
    if (layout->source[0])
        fprintf(file, "source %s\n", layout->source);
    if (layout->made_of[0])
        fprintf(file, "made_of %s\n", layout->made_of);
    if (layout->rows)
        fprintf(file, "rows 0x%08" PRIx32 "\n", layout->rows);
    for (size_t i = 0; i < N_ROWS; i++) {
        int32_t value = row_value(layout, &rows[i]);
        if (value == row_none(&rows[i]))
            continue;
        if (rows[i].kind == ROW_BITS)
            fprintf(file, "%s %d %d\n", rows[i].name, value & 255, value >> 8);
        else
            fprintf(file, "%s%s %" PRId32 "\n", rows[i].kind == ROW_CONSTANT ? "constant " : "",
                    rows[i].name, value);
    }
    const char *name;
    uint64_t address;
    for (size_t i = 0; layout_symbol(layout, i, &name, &address); i++)
        if (address)
            fprintf(file, "symbol %s 0x%" PRIx64 "\n", name, address);
}

bool layout_text(const struct layout *layout, char **text, size_t *size, struct err *err)
{
    *text = NULL;
    FILE *file = open_memstream(text, size);
    if (!file)
        return err_memory(err, "a layout");
    print_layout(layout, file);
    bool ok = !ferror(file);
    if (!fclose(file) && ok)
        return true;
    free(*text);
    *text = NULL;
    return err_memory(err, "a layout");
}

bool layout_write(const struct layout *layout, const char *path, struct err *err)
{
    char *partial = NULL;
    if (asprintf(&partial, "%s.XXXXXX", path) < 0)
        return err_memory(err, path);
    int fd = mkostemp(partial, O_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file) {
        err_errno(err, errno, path);
        if (fd >= 0)
            close(fd);
        free(partial);
        return false;
    }
    print_layout(layout, file);
    bool ok = !ferror(file);
    ok = fclose(file) == 0 && ok && rename(partial, path) == 0;
    if (!ok) {
        err_errno(err, errno, path);
        unlink(partial);
    }
    free(partial);
    return ok;
}
