// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of a client, through a pipe: whole ones become messages, the rest waits.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/serve_line.h"
#include "unit.h"

struct pipe_line {
    struct serve_line line;
    int to; // what a client writes to
};

static void begin(struct pipe_line *p)
{
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    *p = (struct pipe_line){ .line = { .in = ends[0], .out = -1, .bytes = TEXT_INIT },
                             .to = ends[1] };
}

static void put(struct pipe_line *p, const char *text)
{
    size_t size = strlen(text);
    CU_ASSERT_EQUAL(write(p->to, text, size), (ssize_t)size);
    serve_line_read(&p->line, 1000);
}

static void end(struct pipe_line *p)
{
    if (p->to >= 0)
        close(p->to);
    close(p->line.in);
    serve_line_fini(&p->line);
}

static void test_parts(void)
{
    struct pipe_line p;
    char *plain;
    begin(&p);
    put(&p, "{\"line\": \"ty");
    CU_ASSERT_EQUAL(p.line.count, 0);
    put(&p, "pes\"}\n\n  \n{\"line\": \"info\"}\n{\"li");
    CU_ASSERT_EQUAL_FATAL(p.line.count, 2);
    json_t *first = serve_line_take(&p.line, 0, &plain);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(first, "line")), "types");
    CU_ASSERT_PTR_NULL(plain);
    json_decref(first);
    CU_ASSERT_EQUAL(p.line.count, 1);
    close(p.to); // a last line without an end is one as well
    p.to = -1;
    serve_line_read(&p.line, 1000);
    CU_ASSERT(p.line.ended);
    CU_ASSERT_EQUAL(p.line.count, 2);
    CU_ASSERT_PTR_NULL(serve_line_take(&p.line, 1, &plain));
    CU_ASSERT_STRING_EQUAL(plain, "{\"li");
    free(plain);
    end(&p);
}

static void test_no_json(void)
{
    struct pipe_line p;
    char *plain, deep[200];
    begin(&p);
    put(&p, "types -n 5\n");
    CU_ASSERT_EQUAL_FATAL(p.line.count, 1);
    CU_ASSERT_PTR_NULL(serve_line_take(&p.line, 0, &plain));
    CU_ASSERT_STRING_EQUAL(plain, "types -n 5");
    free(plain);
    memset(deep, '[', 100);
    memset(deep + 100, ']', 99);
    deep[199] = 0;
    put(&p, deep);
    put(&p, "]\n"); // jansson's parser calls itself: so deep a message never comes to it
    CU_ASSERT_EQUAL_FATAL(p.line.count, 1);
    CU_ASSERT_PTR_NULL(serve_line_take(&p.line, 0, &plain));
    free(plain);
    put(&p, "[\"[[[[ \\\" [[[[\"]\n"); // quoted brackets are none
    json_t *quoted = serve_line_take(&p.line, 0, &plain);
    CU_ASSERT(json_is_array(quoted));
    json_decref(quoted);
    end(&p);
}

static void test_lost(void)
{
    struct pipe_line p;
    struct text text = TEXT_INIT;
    begin(&p);
    p.line.out = -1; // who reads our answers went away
    text_add_string(&text, "{}\n");
    CU_ASSERT_FALSE(serve_line_write(&p.line, &text));
    CU_ASSERT(p.line.lost);
    CU_ASSERT_EQUAL(text.size, 0);
    text_fini(&text);
    end(&p);
}

UNIT_SUITE(serve_line, { "parts of lines wait", test_parts },
           { "what is no JSON is kept as it was", test_no_json },
           { "nobody reads the answers", test_lost })
