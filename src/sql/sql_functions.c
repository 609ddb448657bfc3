// SPDX-License-Identifier: GPL-3.0-or-later
// Functions on objects, for queries: see sql_functions.h. For anything else they return null.
#include "sql/sql_functions.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/unused.h"
#include "graph/marks.h"
#include "heap/names/attribute.h"
#include "heap/names/edge.h"

#define REPR_WIDTH 400
#define REGEXP_MOST ((size_t)1 << 20) // bytes of a text that are searched

static struct sql *function_sql(sqlite3_context *to)
{
    return sqlite3_user_data(to);
}

// The object that an argument names; NODE_NONE: the result is set. A redacted heap has no values.
static node function_node(sqlite3_context *to, sqlite3_value *argument, bool reads)
{
    const struct heap *heap = function_sql(to)->source.heap;
    if (reads && !heap_has_values(heap)) {
        sqlite3_result_error(to, "this heap is redacted: there are no values and no names in it",
                             -1);
        return NODE_NONE;
    }
    return value_node(heap, argument);
}

static void function_address(sqlite3_context *to, node n)
{
    if (n == NODE_NONE)
        return;
    result_address(to, function_sql(to)->source.heap, n);
    sqlite3_result_subtype(to, SQL_SUBTYPE_ADDRESS);
}

static void function_value(sqlite3_context *to, UNUSED int argc, sqlite3_value **argv)
{
    node n = function_node(to, argv[0], true);
    if (n == NODE_NONE)
        return;
    const struct heap *heap = function_sql(to)->source.heap;
    struct text bytes = TEXT_INIT;
    struct content_value value = heap_value(heap, n, &bytes);
    if (value.kind == CONTENT_INT)
        sqlite3_result_int64(to, value.integer);
    else if (value.kind == CONTENT_REAL)
        sqlite3_result_double(to, value.real);
    else if (value.kind == CONTENT_TEXT)
        sqlite3_result_text(to, text_string(&bytes), (int)bytes.size, SQLITE_TRANSIENT);
    else if (value.kind == CONTENT_BYTES)
        sqlite3_result_blob(to, text_string(&bytes), (int)bytes.size, SQLITE_TRANSIENT);
    text_fini(&bytes);
}

static void function_attr(sqlite3_context *to, UNUSED int argc, sqlite3_value **argv)
{
    node n = function_node(to, argv[0], true);
    const char *name = (const char *)sqlite3_value_text(argv[1]);
    if (n != NODE_NONE && name)
        function_address(to, heap_attribute(function_sql(to)->source.heap, n, name));
}

static void function_item(sqlite3_context *to, UNUSED int argc, sqlite3_value **argv)
{
    node n = function_node(to, argv[0], true);
    const struct heap *heap = function_sql(to)->source.heap;
    const char *key = (const char *)sqlite3_value_text(argv[1]);
    char edge[32];
    if (n == NODE_NONE || !key)
        return;
    if (sqlite3_value_type(argv[1]) == SQLITE_INTEGER) {
        snprintf(edge, sizeof edge, "[%lld]", (long long)sqlite3_value_int64(argv[1]));
        function_address(to, heap_referent(heap, n, edge));
    } else if (heap_is_dict(heap, n)) {
        function_address(to, heap_item(heap, n, key));
    }
}

static void function_len(sqlite3_context *to, UNUSED int argc, sqlite3_value **argv)
{
    node n = function_node(to, argv[0], false);
    uint64_t length;
    if (n != NODE_NONE && heap_length(function_sql(to)->source.heap, n, &length))
        sqlite3_result_int64(to, (sqlite3_int64)length);
}

// Returns a line that the source tells of an object; null if it is empty.
static void function_told(sqlite3_context *to, node n,
                          bool (*tell)(void *, node, struct text *, struct err *))
{
    struct sql *sql = function_sql(to);
    struct text text = TEXT_INIT;
    if (n == NODE_NONE)
        return;
    if (!tell || !tell(sql->source.context, n, &text, &sql->err))
        sqlite3_result_error(to, sql->err.text, -1);
    else if (text.size)
        sqlite3_result_text(to, text_string(&text), (int)text.size, SQLITE_TRANSIENT);
    text_fini(&text);
}

static void function_path(sqlite3_context *to, UNUSED int argc, sqlite3_value **argv)
{
    function_told(to, function_node(to, argv[0], false), function_sql(to)->source.path);
}

static void function_line(sqlite3_context *to, UNUSED int argc, sqlite3_value **argv)
{
    function_told(to, function_node(to, argv[0], true), function_sql(to)->source.line);
}

static void function_obj(sqlite3_context *to, UNUSED int argc, sqlite3_value **argv)
{
    struct sql *sql = function_sql(to);
    const char *name = (const char *)sqlite3_value_text(argv[0]);
    struct err err = ERR_INIT;
    node n = NODE_NONE;
    if (!name)
        return;
    if (sql->source.object && sql->source.object(sql->source.context, name, &n, &err))
        function_address(to, n);
    else
        sqlite3_result_error(to, err.text, -1);
}

static void function_repr(sqlite3_context *to, UNUSED int argc, sqlite3_value **argv)
{
    node n = function_node(to, argv[0], true);
    struct text text = TEXT_INIT;
    if (n == NODE_NONE)
        return;
    sql_preview(function_sql(to), n, REPR_WIDTH, &text);
    sqlite3_result_text(to, text_string(&text), (int)text.size, SQLITE_TRANSIENT);
    text_fini(&text);
}

// Equal values have equal hashes, in any heap: FNV-1a of the kind and the bytes.
static void function_hash(sqlite3_context *to, UNUSED int argc, sqlite3_value **argv)
{
    int kind = sqlite3_value_type(argv[0]);
    uint64_t hash = (UINT64_C(0xcbf29ce484222325) ^ (uint64_t)kind) * UINT64_C(0x100000001b3);
    if (kind == SQLITE_NULL)
        return;
    const uint8_t *bytes = sqlite3_value_blob(argv[0]);
    size_t size = bytes ? (size_t)sqlite3_value_bytes(argv[0]) : 0;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    sqlite3_result_int64(to, (sqlite3_int64)(hash >> 1));
}

// --- retained_set -------------------------------------------------------------------------------

struct function_set { // the aggregate's own
    uint64_t *marks;  // one bit per object
};

static void retained_set_step(sqlite3_context *to, UNUSED int argc, sqlite3_value **argv)
{
    const struct heap *heap = function_sql(to)->source.heap;
    struct function_set *set = sqlite3_aggregate_context(to, sizeof *set);
    if (set && !set->marks)
        set->marks = calloc(marks_words(heap->node_count), sizeof *set->marks);
    node n = value_node(heap, argv[0]);
    if (!set || !set->marks)
        sqlite3_result_error_nomem(to);
    else if (n != NODE_NONE)
        marks_set(set->marks, n);
}

static void retained_set_final(sqlite3_context *to)
{
    struct sql *sql = function_sql(to);
    struct function_set *set = sqlite3_aggregate_context(to, 0);
    uint64_t bytes = 0;
    if (!set || !set->marks)
        sqlite3_result_int64(to, 0);
    else if (sql->source.retained
             && sql->source.retained(sql->source.context, set->marks, &bytes, &sql->err))
        sqlite3_result_int64(to, (sqlite3_int64)bytes);
    else
        sqlite3_result_error(to, sql->err.text, -1);
    if (set)
        free(set->marks);
}

// --- REGEXP -------------------------------------------------------------------------------------

static void function_forget(void *compiled)
{
    regfree(compiled);
    sqlite3_free(compiled);
}

// Compiles the pattern once per query.
static regex_t *function_pattern(sqlite3_context *to, sqlite3_value *pattern)
{
    regex_t *compiled = sqlite3_get_auxdata(to, 0);
    const char *text = (const char *)sqlite3_value_text(pattern);
    if (compiled || !text)
        return compiled;
    compiled = sqlite3_malloc(sizeof *compiled);
    if (!compiled) {
        sqlite3_result_error_nomem(to);
        return NULL;
    }
    int status = regcomp(compiled, text, REG_EXTENDED | REG_NOSUB);
    if (status) {
        char why[120];
        regerror(status, compiled, why, sizeof why);
        sqlite3_free(compiled);
        sqlite3_result_error(to, why, -1);
        return NULL;
    }
    sqlite3_set_auxdata(to, 0, compiled, function_forget);
    return sqlite3_get_auxdata(to, 0);
}

// `text REGEXP pattern` is regexp(pattern, text): POSIX extended, matching anywhere in the text.
static void function_regexp(sqlite3_context *to, UNUSED int argc, sqlite3_value **argv)
{
    const char *text = (const char *)sqlite3_value_text(argv[1]);
    if (!text)
        return;
    if ((size_t)sqlite3_value_bytes(argv[1]) > REGEXP_MOST) {
        sqlite3_result_error(
            to, "REGEXP: a text is longer than 1 MiB; take a part of it with substr()", -1);
        return;
    }
    const regex_t *compiled = function_pattern(to, argv[0]);
    if (compiled)
        sqlite3_result_int(to, !regexec(compiled, text, 0, NULL, 0));
}

int sql_functions_add(struct sql *sql)
{
    static const struct {
        const char *name;
        int arguments;
        void (*run)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        { "value", 1, function_value },   { "attr", 2, function_attr },
        { "item", 2, function_item },     { "len", 1, function_len },
        { "path", 1, function_path },     { "obj", 1, function_obj },
        { "regexp", 2, function_regexp }, { "repr", 1, function_repr },
        { "line", 1, function_line },     { "hash", 1, function_hash },
    };
    int status = SQLITE_OK;
    for (size_t i = 0; status == SQLITE_OK && i < sizeof functions / sizeof *functions; i++)
        status = sqlite3_create_function(sql->db, functions[i].name, functions[i].arguments,
                                         SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQL_RESULT_SUBTYPE,
                                         sql, functions[i].run, NULL, NULL);
    if (status == SQLITE_OK)
        status = sqlite3_create_function(sql->db, "retained_set", 1, SQLITE_UTF8, sql, NULL,
                                         retained_set_step, retained_set_final);
    return status;
}
