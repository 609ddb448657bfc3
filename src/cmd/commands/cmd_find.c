// SPDX-License-Identifier: GPL-3.0-or-later
// `find`: objects by type, attribute, length, or text.
#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "cmd/session/resolve.h"
#include "cmd/session/select.h"
#include "graph/marks.h"
#include "heap/names/attribute.h"
#include "heap/names/edge.h"
#include "py/objects/content.h"
#include "py/objects/type.h"

static const struct column columns[] = {
    { COL(object), 18, COLUMN_OBJECT, "the object" },
    { COL(type), 18, 0, "its type's name" },
    { COL(bytes), 9, COLUMN_RIGHT | COLUMN_HUMAN, "its own bytes" },
    { COL(length), 8, COLUMN_RIGHT, "as len() would say, of built-in containers and text" },
    { COL(held_by), 32, 0, "what refers to it" },
    { COL(preview), 24, COLUMN_WIDE,
      "its value, shortened; of a text that was searched for only with --value" },
    COLUMN_ROW_END,
};

enum test_kind {
    TEST_ATTRIBUTE,
    TEST_LENGTH,
    TEST_SIZE,
    TEST_TEXT,
    TEST_NUMBER,
    TEST_MATCH,
    TEST_LENGTH_OF
};

struct test {
    enum test_kind kind;
    const char *text; // what is searched for
    char name[256];   // the attribute
    char relation;    // '<', '>', '=', or 'l' for <=, 'g' for >=
    uint64_t number;
    double real;     // TEST_NUMBER
    regex_t pattern; // TEST_MATCH: compiled
};

#define TESTS_MAX 16
#define VALUE_WIDTH 400

struct tests {
    struct test items[TESTS_MAX];
    size_t count;
    bool has_text;
};

// --- reading conditions --------------------------------------------------------------------------

// "len>10000", "size>=1M".
static bool read_measure(const char *word, const char *name, struct test *test, struct err *err)
{
    const char *rest = word + strlen(name);
    test->relation = *rest++;
    if (*rest == '=') {
        test->relation = test->relation == '<' ? 'l' : test->relation == '>' ? 'g' : '=';
        rest++;
    }
    return number_parse_size(rest, &test->number)
           || err_set(err, ERR_USAGE, "find: %s: %s is not a number", word, rest);
}

static bool starts(const char *word, const char *name)
{
    size_t size = strlen(name);
    return !strncmp(word, name, size) && word[size] && strchr("<>=", word[size]);
}

// "len(orders)>=10": the length of an attribute's value.
static bool read_length_of(const char *word, struct test *test, struct err *err)
{
    const char *close = strchr(word, ')');
    size_t size = close ? (size_t)(close - word) - 4 : 0;
    if (!size || size >= sizeof test->name || !close[1] || !strchr("<>=", close[1]))
        return err_set(err, ERR_USAGE, "find: %s: len(NAME) needs < > = <= or >= and a number",
                       word);
    memcpy(test->name, word + 4, size);
    test->name[size] = 0;
    test->kind = TEST_LENGTH_OF;
    return read_measure(close, ")", test, err);
}

// "total>100": an attribute that is a number.
static bool cmd_find_read_number(const char *word, const char *rest, struct test *test,
                                 struct err *err)
{
    char *end;
    test->kind = TEST_NUMBER;
    test->relation = *rest++;
    if (*rest == '=') {
        test->relation = test->relation == '<' ? 'l' : 'g';
        rest++;
    }
    test->real = strtod(rest, &end);
    return (*rest && !*end) || err_set(err, ERR_USAGE, "find: %s: %s is not a number", word, rest);
}

static bool read_pattern(const char *word, const char *pattern, struct test *test, struct err *err)
{
    char why[120];
    int status = regcomp(&test->pattern, pattern, REG_EXTENDED | REG_NOSUB);
    if (status)
        regerror(status, &test->pattern, why, sizeof why);
    else
        test->kind = TEST_MATCH; // from here on the pattern has to be freed
    return !status || err_set(err, ERR_USAGE, "find: %s: %s", word, why);
}

static bool read_attribute(const char *word, struct test *test, struct err *err)
{
    size_t size = strcspn(word, "<>=~");
    if (!word[size] || !size || size >= sizeof test->name)
        return err_set(
            err, ERR_USAGE,
            "find: %s: a condition is NAME=VALUE, NAME>N, NAME~PATTERN, len(NAME)=N, len>N, "
            "size>N, or ~ TEXT",
            word);
    memcpy(test->name, word, size);
    test->name[size] = 0;
    if (word[size] == '~')
        return read_pattern(word, word + size + 1, test, err);
    if (word[size] != '=')
        return cmd_find_read_number(word, word + size, test, err);
    test->text = word + size + 1;
    test->kind = TEST_ATTRIBUTE;
    return true;
}

static bool read_tests(const struct args *args, size_t first, struct tests *tests, struct err *err)
{
    for (size_t i = first; i < args->word_count; i++) {
        const char *word = args->words[i];
        if (tests->count == TESTS_MAX)
            return err_set(err, ERR_USAGE, "find: more than %d conditions", TESTS_MAX);
        struct test *test = &tests->items[tests->count++];
        *test = (struct test){ .kind = TEST_LENGTH };
        if (*word == '~') {
            test->kind = TEST_TEXT;
            test->text = word[1] ? word + 1 : ++i < args->word_count ? args->words[i] : NULL;
            tests->has_text = true;
            if (!test->text)
                return err_set(err, ERR_USAGE, "find: ~ needs a text");
        } else if (!strncmp(word, "len(", 4)) {
            if (!read_length_of(word, test, err))
                return false;
        } else if (starts(word, "len") || starts(word, "size")) {
            test->kind = *word == 'l' ? TEST_LENGTH : TEST_SIZE;
            if (!read_measure(word, *word == 'l' ? "len" : "size", test, err))
                return false;
        } else if (!read_attribute(word, test, err)) {
            return false;
        }
    }
    return true;
}

// --- testing objects -----------------------------------------------------------------------------

static bool cmd_find_compare(const struct test *test, uint64_t number)
{
    switch (test->relation) {
    case '<':
        return number < test->number;
    case '>':
        return number > test->number;
    case 'l':
        return number <= test->number;
    case 'g':
        return number >= test->number;
    default:
        return number == test->number;
    }
}

// An attribute's value: in a slot, inline, or in the instance's dict.
static node cmd_find_attribute(const struct heap *heap, node n, const char *name)
{
    char edge[300];
    snprintf(edge, sizeof edge, ".%s", name);
    node found = heap_referent(heap, n, edge);
    if (found != NODE_NONE)
        return found;
    node dict = heap_referent(heap, n, ".__dict__");
    snprintf(edge, sizeof edge, "['%s']", name);
    return dict == NODE_NONE ? NODE_NONE : heap_referent(heap, dict, edge);
}

// Whether a value is shown as `wanted`, with or without its quotes.
static bool is_value(const struct heap *heap, node n, const char *wanted)
{
    struct text text = TEXT_INIT;
    heap_preview(heap, n, VALUE_WIDTH, &text);
    size_t size = strlen(wanted);
    bool equal = text.size == size && !memcmp(text_string(&text), wanted, size);
    if (!equal && text.size == size + 2 && (*text.data == '\'' || *text.data == '"'))
        equal = !memcmp(text.data + 1, wanted, size);
    text_fini(&text);
    return equal;
}

// Compares numbers only: a string of digits is none.
static bool cmd_find_is_number(const struct session *session, const struct test *test, node n)
{
    const struct heap *heap = &session->heap;
    struct text bytes = TEXT_INIT;
    struct content_value value = heap_value(heap, n, &bytes);
    text_fini(&bytes);
    double real = value.kind == CONTENT_INT ? (double)value.integer : value.real;
    if (value.kind != CONTENT_INT && value.kind != CONTENT_REAL)
        return false;
    switch (test->relation) {
    case '<':
        return real < test->real;
    case '>':
        return real > test->real;
    default:
        return test->relation == 'l' ? real <= test->real : real >= test->real;
    }
}

// Matches a string's text, or the preview of anything else.
static bool cmd_find_matches(const struct session *session, const struct test *test, node n)
{
    const struct heap *heap = &session->heap;
    struct text text = TEXT_INIT;
    struct content_value value = heap_value(heap, n, &text);
    if (value.kind != CONTENT_TEXT && value.kind != CONTENT_BYTES) {
        text_clear(&text);
        heap_preview(heap, n, VALUE_WIDTH, &text);
    }
    bool matches = !text.failed && !regexec(&test->pattern, text_string(&text), 0, NULL, 0);
    text_fini(&text);
    return matches;
}

// Tests the value that a name leads to: an attribute, or the entry of a dict's key.
static bool cmd_find_passes_named(const struct session *session, const struct test *test, node n)
{
    const struct heap *heap = &session->heap;
    node value = cmd_find_attribute(heap, n, test->name);
    uint64_t length;
    if (value == NODE_NONE && heap_is_dict(heap, n))
        value = heap_item(heap, n, test->name);
    if (value == NODE_NONE)
        return false;
    switch (test->kind) {
    case TEST_NUMBER:
        return cmd_find_is_number(session, test, value);
    case TEST_MATCH:
        return cmd_find_matches(session, test, value);
    case TEST_LENGTH_OF:
        return heap_length(heap, value, &length) && cmd_find_compare(test, length);
    default:
        return is_value(heap, value, test->text);
    }
}

static bool passes(const struct session *session, const struct test *test, node n)
{
    const struct heap *heap = &session->heap;
    const struct type *type = type_row(session->py.types, heap_type(heap, n));
    uint64_t length;
    switch (test->kind) {
    case TEST_SIZE:
        return cmd_find_compare(test, heap_size(heap, n));
    case TEST_LENGTH:
        return heap_length(heap, n, &length) && cmd_find_compare(test, length);
    case TEST_TEXT:
        return content_has_text(&session->py, type, heap_addr(heap, n), test->text);
    default:
        return cmd_find_passes_named(session, test, n);
    }
}

static bool passes_all(const struct session *session, const struct tests *tests, node n)
{
    for (size_t i = 0; i < tests->count; i++)
        if (!passes(session, &tests->items[i], n))
            return false;
    return true;
}

static bool cmd_find_add_row(struct session *session, struct report *report, node n, bool show,
                             struct err *err)
{
    uint64_t length;
    const struct cell cells[] = {
        cell_object(n),
        cell_type_of(n),
        cell_bytes(heap_size(&session->heap, n)),
        heap_length(&session->heap, n, &length) ? cell_count(length) : cell_null(),
        cell_text(selection_referrers(session, report, n)),
        show ? cell_preview(n) : cell_null(),
    };
    return report_row(report, cells, err);
}

static bool cmd_find_search(struct session *session, const struct tests *tests,
                            const uint64_t *types, bool show, struct report *report,
                            struct err *err)
{
    const struct heap *heap = &session->heap;
    for (node n = 0; n < heap->node_count; n++) {
        if (n % (1u << 20) == 0
            && !progress_step(&session->options.progress, "searching", n, heap->node_count))
            return err_set(err, ERR_CANCELLED, "the search was cancelled");
        if (!marks_has(types, heap_type(heap, n)) || !passes_all(session, tests, n))
            continue;
        if (report_is_full(report)) {
            report->truncated = true;
            return true;
        }
        if (!cmd_find_add_row(session, report, n, show, err))
            return false;
    }
    return true;
}

// Without values only sizes and lengths can be asked for.
static bool can_ask(const struct session *session, const struct tests *tests, struct err *err)
{
    static const char *const asked[] = { "find NAME=VALUE", NULL,          NULL,
                                         "find ~ TEXT",     "find NAME>N", "find NAME~PATTERN",
                                         "find len(NAME)=N" };
    for (size_t i = 0; i < tests->count; i++)
        if (asked[tests->items[i].kind]
            && !session_need_values(session, asked[tests->items[i].kind], err))
            return false;
    return true;
}

// Whether a word is a condition rather than a type's name, such as `f.<locals>.C`.
static bool is_condition(const char *word)
{
    bool compares = false;
    for (const char *at = word; *at; at++)
        compares |= (*at == '<' || *at == '>') && (isdigit((unsigned char)at[1]) || at[1] == '-');
    return compares || strpbrk(word, "=~");
}

static bool cmd_find_run(struct session *session, const struct args *args, struct report *report,
                         struct err *err)
{
    struct tests tests = { .count = 0 };
    bool any = is_condition(args->words[0]); // no type has such a name
    const char *word = any ? "*" : args->words[0];
    uint64_t *types = selection_types(session, strncmp(word, "type:", 5) ? word : word + 5, err);
    bool ok = types && read_tests(args, any ? 0 : 1, &tests, err) && can_ask(session, &tests, err)
              && cmd_find_search(session, &tests, types, !tests.has_text || args_has(args, "value"),
                                 report, err);
    report->empty = "nothing matches";
    for (size_t i = 0; i < tests.count; i++)
        if (tests.items[i].kind == TEST_MATCH)
            regfree(&tests.items[i].pattern);
    free(types);
    return ok;
}

static const struct option_row options[] = {
    { .name = "value", .kind = OPTION_FLAG, .help = "show the texts that were searched for" },
    OPTION_ROW_SORT,
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

const struct command cmd_find = {
    .name = "find",
    .usage =
        "[TYPE] [NAME=VALUE | NAME>N | NAME~PATTERN | len(NAME)=N | len>N | size>N | ~ TEXT]... "
        "[--value] [-n N]",
    .summary = "objects by type, attribute, length, size, or a text in them",
    .help = "All conditions must hold; without TYPE, or with *, objects of any type match. "
            "NAME=VALUE compares an attribute as it is shown (quotes are optional), NAME>N (< <= "
            ">=) its number, NAME~PATTERN (POSIX extended) its text, and len(NAME)=N its length; "
            "for a dict NAME may be a key. len and size take < > = <= >=, and sizes take units "
            "(1M); ~ TEXT matches str, bytes and bytearray that contain TEXT.\n"
            "\n"
            "What ~ finds may be a secret: the rows say where it is held; they show it only with "
            "--value.",
    .example = "find dict 'len>10000'",
    .options = options,
    .words_least = 1,
    .words_most = -1,
    .word_kind = COMPLETE_TYPE,
    .columns = columns,
    .needs = NEEDS_REVERSE,
    .run = cmd_find_run,
};
