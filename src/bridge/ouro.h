// SPDX-License-Identifier: GPL-3.0-or-later
// ouro as a library: a heap in, rows out. The only header that is installed; made so that ctypes can
// follow it.
//
// Does not know: gdb. gdb/ouro/lib.py is one user of it.
//
//      the caller's process                        a process of its own (the engine)
//      ouro_run("types")   --- the line --->       answers it
//      output.write()      <--- its rows ---       reads its target, keeps the heap
//      options.read()      <--- a block? ---       (only where the caller reads the memory)
//
// The engine is a fork of the caller, so that nothing that happens to it (a fault, no memory, a job
// that never ends) happens to the caller: the handle is dead then, every verb says so in a sentence,
// and ouro_close() is all that is left to do. It takes no signal away from the caller: Ctrl-C is
// looked after only while a verb waits, and cancels the job; the third one ends the engine.
//
// One thread at a time may use a handle; two handles have nothing to do with one another.
// Owns: what it returns, unless said otherwise, until the next call with the same handle.
#ifndef OURO_H
#define OURO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ouro;

// What a verb returns.
enum ouro_status {
    OURO_ANSWERED = 0,
    OURO_FAILED = 1,    // ouro_last_error() says why
    OURO_USAGE = 2,     // the same; the line's words are off
    OURO_CANCELLED = 3, // Ctrl-C, or the caller's write() said stop
    OURO_DEAD = 4       // the engine ended: the handle can only be closed
};

// One mapping of the target, as /proc/PID/maps has it.
struct ouro_map {
    uint64_t start, end;
    uint64_t offset;  // in the mapped file
    uint32_t flags;   // 1 readable, 2 writable, 4 executable
    const char *path; // null: anonymous
};

// One thread of the target; 0 where it is not known.
struct ouro_thread {
    int64_t tid;
    uint64_t tls; // where its thread-local storage begins (x86-64: fs_base)
    uint64_t pc, sp;
};

// What the caller keeps stopped. maps null: a process of this machine, whose maps are in /proc.
struct ouro_place {
    int pid;
    const struct ouro_map *maps;
    size_t map_count;
    const struct ouro_thread *threads; // may be null
    size_t thread_count;
    const void *auxv; // the auxiliary vector; null: not known, or in /proc
    size_t auxv_size;
    const char *command; // the program's command line; null: not known, or in /proc
    int signal;          // that it has stopped at; 0: none, or not known
};

#define OURO_REFUSED ((size_t)-1)

// All may be null or zero. Texts are copied, functions are called until ouro_close.
struct ouro_options {
    const char *exe;      // the program's file, where it moved
    const char *sysroot;  // put before the paths of the target's files
    const char *layout;   // a layout file
    const char *data;     // the folder that holds layouts/ and ouro/locate.py
    const char *programs; // the folder that holds ouro-traverse; null: some types are guessed at
    int no_gdb;           // do not run a gdb to read debug information
    int python;           // which of several Pythons in the process, from 1; 0: the first that runs
    void *context;        // for the functions
    // Copies the target's memory; how many bytes from the start on it got, or OURO_REFUSED when it
    // was interrupted: the job is cancelled then, and nothing is kept of the read. Null: the process
    // is of this machine, and ouro reads it.
    size_t (*read)(void *context, uint64_t from, void *to, size_t size);
    void (*warn)(void *context, const char *sentence);
    // A few times a second. total 0: not known. phase null: the job is over.
    void (*progress)(void *context, const char *phase, uint64_t done, uint64_t total);
};

// Where an answer goes. The bytes are UTF-8, harmless on a terminal, and end anywhere.
struct ouro_output {
    int json;       // JSON Lines; otherwise aligned text
    int color;      // text may have colours
    uint32_t width; // columns of a line of text; 0: any number
    void *context;
    int (*write)(void *context, const char *bytes, size_t size); // not 0: enough
};

// A core file; a running process (copied, or with `hold` kept stopped); and one that the caller
// keeps stopped. On failure null, and a sentence in `error`.
struct ouro *ouro_open_core(const char *path, const struct ouro_options *options, char *error,
                            size_t size);
struct ouro *ouro_open_pid(int pid, int hold, const struct ouro_options *options, char *error,
                           size_t size);
struct ouro *ouro_open_callback(const struct ouro_place *place, const struct ouro_options *options,
                                char *error, size_t size);
void ouro_close(struct ouro *ouro); // null is fine

// Runs one command line ("types -n 5").
int ouro_run(struct ouro *ouro, const char *line, const struct ouro_output *output);
// What a person wants to know beside the rows of the last answer: "12 rows; bytes 4.1 MiB".
const char *ouro_summary(const struct ouro *ouro);
// The sentence of the last verb that did not answer.
const char *ouro_last_error(const struct ouro *ouro);

// Reads everything again, after the target ran. `output` gets what is new and what is gone, by type,
// where there was a heap to compare with. The screen keeps its history and marks. output null: nothing is
// compared, nor is the heap read before somebody asks for it.
// place null: for a core, and a process that was opened by its number.
int ouro_rescan(struct ouro *ouro, const struct ouro_place *place,
                const struct ouro_output *output);
// While it is stale nothing more is read: what was read before the target ran must not be mixed with
// what is there now.
void ouro_set_stale(struct ouro *ouro, int stale);

// The object that was selected last: its address (0: none) and its type's name.
uint64_t ouro_selected(const struct ouro *ouro);
const char *ouro_selected_type(const struct ouro *ouro);
// The address of an object by any of its names ("sys.modules", "#5", "0x7f..."). Selects nothing.
int ouro_object(struct ouro *ouro, const char *name, uint64_t *address);

// The name of an object's type (ouro_summary) and its refcount as its header has it, without reading a
// heap. *refcount -1: it is immortal, or only the whole heap tells.
int ouro_glance(struct ouro *ouro, uint64_t address, int64_t *refcount);

// The whole heap as flat arrays, for callers that want a million objects without a million calls. An object
// is a number from 0 to object_count - 1, in the order of addresses; its references are
// to[first[i]] .. to[first[i + 1] - 1].
#define OURO_TO_OBJECT 0x3fffffffu   // of a word of `to`: the referent's number
#define OURO_TO_HELD 0x40000000u     // owned, but not visited by tp_traverse
#define OURO_TO_BORROWED 0x80000000u // visited, but without a refcount
enum ouro_flags {                    // of an object
    OURO_TRACKED = 1,
    OURO_FINALIZED = 2, // its finalizer ran
    OURO_IMMORTAL = 4,
    OURO_COLLECTABLE = 8,    // gc.collect() would find it unreachable
    OURO_EVIDENCE_SHIFT = 4, // two bits: 0 decoded, 1 traversed, 2 guessed, 3 disputed
};
struct ouro_arrays {
    uint64_t object_count, reference_count, type_count;
    const uint64_t *address;
    const uint64_t *size;      // bytes, as sys.getsizeof has it
    const uint64_t *retained;  // bytes that go with it; null where it was not asked for, or a
                               // part of the target is missing
    const uint64_t *first;     // object_count + 1 of them
    const uint32_t *to;        // reference_count of them
    const uint32_t *type;      // below type_count
    const uint8_t *generation; // 0, 1, 2; 3: permanent; 4: not tracked
    const uint8_t *flags;      // enum ouro_flags
    const char *type_names;    // type_count texts, one after the other, each with its NUL
    uint64_t type_names_size;  // bytes
    // Where all of them lie, and the file that may be mapped again by a caller that wants them for longer.
    const void *base;
    uint64_t base_size;
    int file;
};
// Reads the heap where that has not been done. The arrays are the handle's, read only, until the
// next call of this function and ouro_close(). Cost: a pass over the heap, 30 bytes per object and 4
// per reference; `retained`: the dominators, too.
int ouro_arrays(struct ouro *ouro, int retained, struct ouro_arrays *out);

// Completions of the word at the cursor, one a line. Without a handle: commands and options.
int ouro_complete(struct ouro *ouro, const char *line, size_t cursor,
                  const struct ouro_output *output);

// The screen, on the caller's terminal. *quit: 0 when the user only wants the caller's prompt; the
// next call is back at the very same place. start: the first view's command line, or null.
int ouro_screen(struct ouro *ouro, const char *start, int *quit);

// The engine's process; 0: dead. Looks, so that one that died while nobody asked is found out.
int ouro_engine(struct ouro *ouro);

// The table of commands as JSON: [{"name", "usage", "summary", "help", "example", "options",
// "columns"}], the last two [{"name", "help"}]. For ouro_free().
char *ouro_commands(void);
void ouro_free(char *text);

#ifdef __cplusplus
}
#endif

#endif
