// SPDX-License-Identifier: GPL-3.0-or-later
// Typed rows: what every command answers with, and what text, JSON, the screen, gdb and SQL read.
//
//      command --report_row()--> sink: store (screen, sorting, aligned text) or stream (JSON Lines)
//
// A cell is 16 bytes. Cells that would cost reads (a preview, a type's name, the addresses that an
// object refers to) carry only the number of the object; report_cell_text() works them out when a
// reader shows that row. A million-row report is a flat array, and a screen formats the forty rows
// it shows. Owns: rows and their texts (an arena). Borrows: columns, the session for lazy cells.
#ifndef OURO_CMD_REPORT_REPORT_H
#define OURO_CMD_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/progress.h"
#include "base/text.h"

enum cell_kind {
    CELL_NULL,    // unknown: null in JSON, "-" in text
    CELL_COUNT,   // u: a number
    CELL_INT,     // i: a signed number
    CELL_BYTES,   // u: bytes; text shows 12.3 MiB only where the column asks for it
    CELL_REAL,    // d
    CELL_BOOL,    // u
    CELL_TEXT,    // s: UTF-8 that lives in the report's arena or is static; escaped already when it
                  // came from a target
    CELL_ADDR,    // u: "0x7f..."
    CELL_OBJECT,  // n: an object, shown as its address; Enter drills into it
    CELL_TYPE,    // u: index of a type; lazily its name
    CELL_TYPE_OF, // n: an object; lazily its type's name
    CELL_PREVIEW, // n: lazily the preview of an object
    CELL_GEN,     // u: enum generation; 0 1 2 "permanent" null
    CELL_LEAST,   // u: bytes, at least so many: ">= 3.1 MiB"; the number is unknown, null in JSON
    CELL_REFS,    // n: lazily the addresses that tp_traverse visits; a JSON array
    CELL_RING,    // ring: the steps of a ring of references; in text and JSON their names
    CELL_STEPS,   // ring: the same; in JSON an array of steps
};

struct ring_steps; // heap/analysis/rings.h

struct cell {
    uint8_t kind;
    bool is_ours; // a text of ouro's own words in a column of mixed ones (COLUMN_OURS)
    union {
        uint64_t u;
        int64_t i;
        double d;
        const char *s;
        node n;
        const struct ring_steps *ring; // in the report's arena
    };
};

// Names of columns: COL_object. COL_NONE is the one that columns.def does not have, as of a query.
enum column_id {
    COL_NONE,
#define COLUMN(name, look, font) COL_##name,
#include "cmd/report/columns.def"
#undef COLUMN
    COL_COUNT
};

enum column_look { // what texts of a column are to the eye
    LOOK_PLAIN,
    LOOK_EDGE,
    LOOK_BAD,
    LOOK_WARN,
    LOOK_DIM,
    LOOK_KEY,
    LOOK_MARK,
    LOOK_TEXT,
};

enum column_flags {
    COLUMN_RIGHT = 1, // numbers
    COLUMN_HUMAN = 2, // bytes as 12.3 MiB in text and on screen (JSON: always plain)
    COLUMN_BAR = 4,   // the screen may draw its share of the column's sum as a bar
    COLUMN_WIDE = 8,  // takes what is left of the line
    COLUMN_JSON_ONLY = 16,
    COLUMN_PROSE = 32,   // a sentence: text that has a width to keep to comes as wrapped paragraphs
    COLUMN_OBJECT = 64,  // an address, as a rule an object's
    COLUMN_WHOLE = 128,  // rests on all of the target being there: unknown where a part is missing
    COLUMN_OURS = 256,   // its texts are ouro's own words, never the target's: shown without values
    COLUMN_PERCENT = 512 // a share, 1 the whole: 12.3 % in text and on screen
};
#define COLUMN_GOES(n) ((n) << 16) // where a line is short it goes as the n-th: from 1 to 15
#define COLUMN_GOES_MASK (15u << 16)

// One row says all that is decided about a column. A table of them ends with a row without a name.
struct column {
    enum column_id id;
    const char *name; // the JSON key and the heading: COL(object) writes both
    int width;        // columns on screen at least; 0: as its content needs
    unsigned flags;
    const char *help;
};
#define COL(name) COL_##name, #name

enum column_id column_id_of(const char *name); // COL_NONE: none is called so
enum column_look column_look(const struct column *column);
bool column_is_code(const struct column *column); // monospaced on a page

struct session;
struct report;

struct report_sink {
    // Called once before the first row. May be null.
    bool (*begin)(struct report *report, struct err *err);
    // False stops the command (broken pipe, cancel): not an error of its own.
    bool (*row)(struct report *report, const struct cell *cells, struct err *err);
    bool (*end)(struct report *report, struct err *err);
};

struct report {
    const char *command;
    const struct column *columns;
    size_t column_count;
    const struct report_sink *sink;
    void *out;                      // the sink's own
    struct session *session;        // for lazy cells
    struct arena arena;             // texts of cells
    struct cell *cells;             // the stored rows, row_count * column_count
    size_t row_count, row_capacity; // the capacity counts cells
    uint64_t rows;                  // how many came, handed on or not
    uint64_t kept;                  // how many were handed on to the sink
    uint64_t limit;                 // -n: rows beyond are counted, not handed on; 0: none
    bool truncated;                 // there are more than were handed on
    bool begun;                     // the sink's begin() ran
    const bool *partial; // whether a part of the target is missing (COLUMN_WHOLE); null: none is
    bool partial_base;   // the same of what it is compared with
    uint64_t shortages;  // err_shortages() at the start: after one more the answer is refused
    bool stopped;        // the sink said stop: the answer ends here, and nobody is to blame
    const char
        *sentence; // what the answer comes to, in words; lasts as long as the report; or null
    bool alarm;    // answered, and there is what the user asked to be told of: exit status 3
    const char *sorted_by; // the column whose order the rows have; null: as they came
    bool sorted_down;
    bool wide;         // one line per row, whatever the terminal's width
    const char *empty; // why there is no row, and what to do next; static; null: nothing to say
    struct summary_item {
        const char *key;
        struct cell cell;
    } summary[16]; // texts static, no lazy ones
    size_t summary_count;
};

extern const struct report_sink report_store; // keeps all rows in cells

void report_init(struct report *report, struct session *session, const struct report_sink *sink,
                 void *out);
void report_fini(struct report *report);
bool report_columns(struct report *report, const char *command, const struct column *columns);

// Hands over one row of column_count cells. False: stop (report->stopped) or an error.
bool report_row(struct report *report, const struct cell *cells, struct err *err);
// Nothing more comes. Calls the sink's begin() when no row did.
bool report_end(struct report *report, struct err *err);
// The limit is reached: a command for which rows take long may stop, after it set truncated.
bool report_is_full(const struct report *report);
// The index of a column, or column_count.
size_t report_column(const struct report *report, enum column_id id);
size_t report_column_named(const struct report *report, const char *name); // as a user writes it
bool report_is_partial(const struct report *report);
void report_summary(struct report *report, const char *key, struct cell value);
// One that rests on all of the target being there.
void report_summary_whole(struct report *report, const char *key, struct cell value);
// What a report says there. Null: nothing, or that it is unknown.
const struct cell *report_summary_cell(const struct report *report, const char *key);

// Copies a text into the report's arena for a CELL_TEXT. Null when there is no memory for it: the
// next row, or the end, fails then.
const char *report_text(struct report *report, const char *text, size_t size);
const char *report_format(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// The same for bytes that nobody has looked at yet (a path, a command line): control codes become
// visible.
const char *report_foreign(struct report *report, const char *text);
// Numbers as "300,0,41".
const char *report_numbers(struct report *report, const uint64_t *numbers, size_t count);

// A cell of one report for another one: what it leads to is copied. Null where no memory is left for it:
// the next row, or the end, fails then.
struct cell report_copy_cell(struct report *report, const struct cell *cell);

// Seconds since 1970 as "2026-01-31T23:59:59Z"; null for 0.
struct cell report_moment(struct report *report, int64_t seconds);

// The cell as a person reads it, appended to out; at most `width` display columns (0: any).
void report_cell_text(const struct report *report, const struct cell *cell,
                      const struct column *column, size_t width, struct text *out);
// The cell as JSON.
void report_cell_json(const struct report *report, const struct cell *cell, struct text *out);
// For sorting: below, equal, above zero. Numbers by number, null last, text by bytes.
int report_cell_compare(const struct report *report, const struct cell *a, const struct cell *b);
// Sorts stored rows by a column, stable.
bool report_sort(struct report *report, size_t column, bool descending,
                 const struct progress *progress, struct err *err);

// Sinks that write to a stream, `out` a struct report_stream: aligned text, and JSON Lines with the
// closing summary line. Both write in blocks of 64 KiB; a reader that went away (EPIPE) stops the
// command quietly. Aligned text measures the first rows, then streams: memory does not grow with
// the answer.
struct report_stream {
    int fd;
    bool color;
    size_t width;                  // of the terminal; 0: lines may be as long as they like
    struct text buffer;            // filled, and written, by the sink
    void *state;                   // the sink's own
    struct text left_out;          // names of columns for which a line of `width` had no room
    void (*before)(void *context); // called before bytes are written; null: nobody cares
    void *before_context;
};
// A row, and the summary, as JSON objects, without a line end. cursor: where the next page begins, or
// null.
void report_add_row_json(const struct report *report, const struct cell *cells, struct text *out);
void report_add_summary_json(const struct report *report, const char *cursor, struct text *out);
extern const struct report_sink report_as_text;
extern const struct report_sink report_as_json;
extern const struct report_sink report_as_json_object; // one object: report_json_object.c
void report_stream_fini(struct report_stream *stream);

// What an answer has beside its rows goes on to another report: summary, texts, why it is empty.
void report_adopt(struct report *to, struct report *from);

// Short forms for the commands' rows.
static inline struct cell cell_count(uint64_t u)
{
    return (struct cell){ .kind = CELL_COUNT, .u = u };
}
static inline struct cell cell_bytes(uint64_t u)
{
    return (struct cell){ .kind = CELL_BYTES, .u = u };
}
static inline struct cell cell_least(uint64_t u)
{
    return (struct cell){ .kind = CELL_LEAST, .u = u };
}
static inline struct cell cell_int(int64_t i)
{
    return (struct cell){ .kind = CELL_INT, .i = i };
}
static inline struct cell cell_real(double d)
{
    return (struct cell){ .kind = CELL_REAL, .d = d };
}
static inline struct cell cell_bool(bool b)
{
    return (struct cell){ .kind = CELL_BOOL, .u = b };
}
static inline struct cell cell_ours(struct cell text)
{
    text.is_ours = true;
    return text;
}
static inline struct cell cell_text(const char *s)
{
    return (struct cell){ .kind = s ? CELL_TEXT : CELL_NULL, .s = s };
}
static inline struct cell cell_addr(addr a)
{
    return (struct cell){ .kind = CELL_ADDR, .u = a };
}
static inline struct cell cell_object(node n)
{
    return (struct cell){ .kind = n == NODE_NONE ? CELL_NULL : CELL_OBJECT, .n = n };
}
static inline struct cell cell_type(uint64_t t)
{
    return (struct cell){ .kind = CELL_TYPE, .u = t };
}
static inline struct cell cell_type_of(node n)
{
    return (struct cell){ .kind = CELL_TYPE_OF, .n = n };
}
static inline struct cell cell_preview(node n)
{
    return (struct cell){ .kind = CELL_PREVIEW, .n = n };
}
static inline struct cell cell_gen(unsigned g)
{
    return (struct cell){ .kind = CELL_GEN, .u = g };
}
static inline struct cell cell_refs(node n)
{
    return (struct cell){ .kind = CELL_REFS, .n = n };
}
static inline struct cell cell_ring(const struct ring_steps *ring)
{
    return (struct cell){ .kind = CELL_RING, .ring = ring };
}
static inline struct cell cell_steps(const struct ring_steps *ring)
{
    return (struct cell){ .kind = CELL_STEPS, .ring = ring };
}
static inline struct cell cell_null(void)
{
    return (struct cell){ .kind = CELL_NULL, .u = 0 };
}

#endif
