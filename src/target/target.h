// SPDX-License-Identifier: GPL-3.0-or-later
// The memory of a dead or stopped process, as one set of segments that can be looked at in place.
//
// Does not know: Python. Knows addresses, bytes, files, threads' registers and ELF symbols.
//
//      target addresses     [ segment ]   [ segment ]  hole   [ segment ]
//                                |             |                   |
//      our addresses         mmap(core)   mmap(libfoo)      anonymous, filled block by block
//                                                           through ops->fetch (pid, gdb callback)
//
// Whatever the source is, bytes of one segment are contiguous in our memory, so the heap scan works
// on pointers (target_view) and never copies. A core is mmapped: one larger than memory opens. A
// live source reserves address space and fetches 256 KiB blocks the first time they are looked at;
// where that is slow (gdb's remote targets), pages, until all of them are wanted.
//
// Owns: mappings, descriptors, the module list. Borrows: nothing after open.
// Invariants: segments are sorted by start and do not overlap; views stay valid until target_close;
// nothing is ever written to the target.
// Cost: target_view is a compare when the last segment is hit again, else a binary search.
#ifndef OURO_TARGET_TARGET_H
#define OURO_TARGET_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/progress.h"
#include "target/provenance.h"

enum segment_flags {
    SEGMENT_READ = 1,
    SEGMENT_WRITE = 2,
    SEGMENT_EXEC = 4,
    SEGMENT_FILE = 8,     // bytes come from a file on disk, not from the core
    SEGMENT_MISSING = 16, // the map is known, the bytes are not to be had
    SEGMENT_LATE = 32 // shared memory, or a data file's: for those who follow an address into it;
                      // nobody looks through all of it
};

struct segment {
    addr start, end;     // [start, end)
    const uint8_t *host; // our copy or mapping of start; null when SEGMENT_MISSING
    uint64_t *filled; // one bit per block (ops.h) that ops->fetch has brought; null: all are there
    uint32_t flags;
    int32_t module; // index into target->modules, -1: anonymous
    uint64_t
        offset; // where start lies in what backs it: SEGMENT_FILE: modules[module].file, else fd
};

// Our addresses for several segments that lie near one another in the target, too: one mapping of
// ours, where each of theirs would be one.
struct expanse {
    addr start, end;
    uint8_t *host;
};

// One ELF file that the target has mapped.
struct module {
    char *path;      // as the target saw it
    char *file;      // as we open it (sysroot, --exe, /proc/PID/root); null: not found or refused
    addr start, end; // lowest and highest mapped address
    addr bias;       // what to add to the file's own virtual addresses
    uint8_t build_id[32];  // from the target's memory where it is there, else from the file
    uint8_t build_id_size; // 0: none
    bool assumed;          // build_id is the file's: the target's memory does not show its own
    bool refused;          // a file is there, but its build-id is another one's
    bool is_program;       // the executable itself, not one of its libraries
    // The open file (see elf.h), ours alone. Without one, what memory has of it; null: neither.
    struct elf *elf;
};

#define THREAD_REGISTERS 34 // enough for x86-64 (27) and aarch64 (34)
struct thread {
    pid_t tid;
    addr fs_base; // TLS base; 0: not known
    addr pc, sp;  // 0: not known
    bool crashed; // the one that took the signal
    // All of its registers, as NT_PRSTATUS has them; 0 where they are not known.
    uint64_t registers[THREAD_REGISTERS];
};

enum machine { MACHINE_X86_64, MACHINE_AARCH64 };

struct target_ops; // one row per kind of source; see ops.h

struct target {
    const struct target_ops *ops;
    void *state; // the source's own
    enum machine machine;
    const char *kind; // "core", "process", "copy", "gdb"
    char *path;       // the core's path, or null
    int fd;          // "core": the (unpacked) file; "copy": the memfd; else -1. For the jail to map
    pid_t pid;       // 0: not known
    char *command;   // the program's command line as far as it is known; may be null
    int signal;      // what killed it; 0: nothing or not known
    uint8_t run[16]; // AT_RANDOM: bytes that exec drew for this run; its forks have the same
    bool has_run;    // false: not known
    struct provenance provenance;
    struct segment *segments;
    size_t segment_count;
    struct expanse *expanses; // sorted
    size_t expanse_count;
    struct module *modules;
    size_t module_count;
    struct thread *threads;
    size_t thread_count;
    uint64_t stored; // bytes that a saved heap really has of its segments; 0: ask target_bytes
    uint64_t faults; // reads that could not be answered
    // Writable memory without a file that is not in the core. Nothing was lost where the process
    // never wrote there; a read that leads there says that something was.
    uint64_t undumped;
    bool undumped_read;
    uint64_t missing;      // bytes that should be here and are not: ask target_incomplete
    char missing_why[200]; // a sentence about them; "": none are
    uint64_t stopped_us;   // how long a live process was held, in microseconds
    const struct segment *last, *before; // that were looked at
    struct err pending;                  // what went wrong first in a fetch; ERR_NONE: nothing
    bool refused;                        // a fetch was interrupted: nothing is kept of it
    bool is_slow; // fetches take long: pages are brought as they are asked for
    bool bulk;    // where it is slow: all will be looked at, so that more is brought at once
    struct broken_block *broken; // filled blocks that could be had only in part; sorted by start
    size_t broken_count, broken_room;
};

struct target_options {
    const char *exe;          // the program's file, where it moved; may be null
    const char *sysroot;      // put before every path of the target; may be null
    bool strict;              // no file by a name of the target's, but below sysroot
    const char *cache_folder; // for decompressed cores; null: the temporary folder
    unsigned threads;         // that copy a process while it stands still; 0 is 1
    const struct progress *progress;
};

// Opens an ELF core file; compressed ones (.gz .xz .zst .lz4) are unpacked into an unlinked
// temporary file first. Holes are filled from the files that NT_FILE names, when their build-id is
// the core's. Fails with one sentence for: no file, no permission, not ELF, not a core, 32-bit,
// big-endian, an instruction set that ouro does not know, no segment at all. A truncated core
// opens; what is cut off reads as missing.
bool target_open_core(struct target *target, const char *path, const struct target_options *options,
                      struct err *err);

// A live process, held stopped until target_close and read directly.
bool target_open_pid(struct target *target, pid_t pid, const struct target_options *options,
                     struct err *err);

// A live process: stopped, its writable memory copied, let go; works on the copy. stopped_us says
// how long it stood still.
bool target_open_snapshot(struct target *target, pid_t pid, const struct target_options *options,
                          struct err *err);

// Somebody else holds the target still and reads it (gdb). read returns how many bytes it could
// read from the start of the range, TARGET_REFUSED that it was interrupted; null: the process `pid`
// of this machine, which we read ourselves. maps null: /proc/PID/maps, and the rest that /proc has.
#define TARGET_REFUSED SIZE_MAX
struct target_callback {
    size_t (*read)(void *context, addr from, void *to, size_t size);
    void *context;
    const struct segment
        *maps; // start, end, flags, offset (in the mapped file); the rest is ignored. Copied
    const char *const *paths; // one a map, null for anonymous; copied
    size_t map_count;
    const struct thread *threads; // copied
    size_t thread_count;
    const uint8_t *auxv; // the auxiliary vector as the kernel wrote it; null: not known. Copied
    size_t auxv_size;
    const char *command; // the program's command line; null: not known. Copied
    pid_t pid;
    int signal; // that it stands at; 0: none, or not known
};
bool target_open_callback(struct target *target, const struct target_callback *callback,
                          const struct target_options *options, struct err *err);

// A process of this machine that stands still already: stopped, in a frozen control group, or on its
// way into a core dump. Nothing is stopped, copied or let go. ERR_USAGE where it runs.
bool target_open_still(struct target *target, pid_t pid, const struct target_options *options,
                       struct err *err);

// Brings what a lazy source ("process", "gdb") has not brought yet, so that `fd` has the whole of
// it: the jail can map a target only then. Segments with pages that cannot be read stay lazy. Views
// stay valid. Cost: reads everything once; nothing for the other sources.
bool target_settle(struct target *target, struct err *err);

// Fails when a process that is read directly has ended, or runs another program by now: whatever was
// read may be half of the truth. Cost: one read.
bool target_check(const struct target *target, struct err *err);

// How many bytes that may hold objects are missing: cut off, not dumped, not to be read. 0: the
// target is whole, as far as it was looked at. What is counted in one that is not is a lower bound.
uint64_t target_incomplete(const struct target *target);

// That in a sentence, without a full stop; false, and "", for a whole one.
bool target_incomplete_text(const struct target *target, char *text, size_t size);

// Accepts a zeroed or closed target. Lets a held process go on.
void target_close(struct target *target);

// Where [from, from+size) lies in our memory, or null when any of it cannot be read or lies across
// two segments. Does not count a fault: the callers that believed the address do, with
// target_fault.
const void *target_view_slow(struct target *target, addr from, size_t size);

static inline const void *target_view(struct target *target, addr from, size_t size)
{
    const struct segment *s = target->last;
    if (s && !s->filled && from - s->start < s->end - s->start && size <= s->end - from)
        return s->host + (from - s->start);
    return target_view_slow(target, from, size);
}

// Copies; crosses segments. False when any byte is missing (what could be read is not told apart);
// counts a fault.
bool target_read(struct target *target, addr from, void *to, size_t size);

// The address of a byte that a view showed; 0: it is no byte of the target's. Cost: a look at every
// segment but for those that were viewed last.
addr target_address(const struct target *target, const void *host);

// How many bytes from `from` on can be viewed in one piece (0: none), at most `most`.
size_t target_readable(struct target *target, addr from, size_t most);

// Where to go on from an address that cannot be read: the first one after it that may be, or
// UINT64_MAX. A walk over a range of addresses that may be anything takes as many steps as there are
// segments and unreadable pages in them. Cost: O(log segments).
addr target_next(struct target *target, addr from);

// How much memory there is at most, holes left out where they are known: what bounds the loops over
// a target's own counts. Cost: a look at every segment.
uint64_t target_bytes(const struct target *target);

// A C string of at most most-1 bytes, cut there; always terminated. False: unreadable (counts a
// fault).
bool target_read_string(struct target *target, addr from, char *to, size_t most);

static inline void target_fault(struct target *target)
{
    target->faults++;
}

// Unaligned little-endian loads through a view; Unreadable: 0, *ok false (else untouched; ok may be
// null), a fault counted.
uint64_t target_u64(struct target *target, addr from, bool *ok);
uint32_t target_u32(struct target *target, addr from, bool *ok);

// The segment that holds the address, or null.
const struct segment *target_segment(struct target *target, addr at);

// The module that holds the address (by its mapped range), or -1.
int target_module_of(const struct target *target, addr at);

// The value of a defined symbol in .dynsym or .symtab of any module with a file (module -1) or of
// one, relocated; 0 when there is none. The tables are read once a module and kept sorted. Cost: a
// binary search per module.
addr target_symbol(struct target *target, int module, const char *name);

// Gives a module a symbol that its file lacks: what target_symbol() finds no other of that name for.
// The name is not copied. False: out of memory, or too many.
bool target_name(struct target *target, int module, const char *name, addr at);

// The symbol that contains the address, as "name+0x10" into text; false when none does.
bool target_symbolize(struct target *target, addr at, char *text, size_t size);

// A named ELF section of a module (".PyRuntime"): its address and size in the target. False: none.
bool target_section(struct target *target, int module, const char *name, addr *start,
                    uint64_t *size);

// build_id as lower-case hex into text (needs 2*build_id_size+1 bytes); "" when there is none.
void module_build_id_text(const struct module *module, char *text, size_t size);

#endif
