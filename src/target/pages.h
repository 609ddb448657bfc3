// SPDX-License-Identifier: GPL-3.0-or-later
// Which pages of a live process exist, and reading them so that none comes into being.
//
// Does not know: whether the process stands still; objects.
//
// Reading a page that a process never touched makes one: the holes of shared memory are filled and
// stay so, files are mapped page by page, page tables grow. So the kernel is asked first
// (/proc/PID/pagemap), and each kind of page comes from where reading it changes nothing:
//
//      zero     anonymous, never touched     nothing is read: it is zero
//      own      private, of this process     /proc/PID/mem, process_vm_readv
//      forked   private, shared by fork      /proc/PID/mem only: see pages.c
//      backed   a file's, or shared memory   the file itself, through /proc/PID/map_files or its
//                                            path, when that is still the same file
//
// Owns: descriptors. Borrows: the maps. Cost: a system call for 16 MiB of what is there; before
// Linux 6.7, of addresses.
#ifndef OURO_TARGET_PAGES_H
#define OURO_TARGET_PAGES_H

#include "target/maps.h"
#include "target/page_scan.h"

enum page_run { RUN_ZERO, RUN_OWN, RUN_FORKED, RUN_BACKED };

#define PAGES_WINDOW 4096
#define PAGES_REGIONS 1024

struct pages {
    pid_t pid, reader;
    const struct maps *maps;
    int mem;     // /proc/ID/mem; -1: not to be had
    int pagemap; // -1: not to be had; then all anonymous memory counts as the process's own
    bool frozen; // see pages_freeze
    char root[64];
    struct backing { // a file that is mapped; see pages_backing
        uint64_t inode;
        int fd;
    } * backings;
    size_t backing_count, backing_room;
    addr first; // the page that the window begins with
    size_t count;
    uint64_t window[PAGES_WINDOW];
    bool no_scan;              // the kernel does not list them
    addr there_from, there_to; // what the list is about
    size_t there_count, there_at;
    struct page_stretch there[PAGES_REGIONS];
};

// `reader` is a thread that has the memory. Never fails: what is not to be had is -1.
void pages_open(struct pages *pages, pid_t pid, pid_t reader, const struct maps *maps);

// The same process, now that it stands still: it may have begun another program since. Keeps the
// files.
void pages_again(struct pages *pages, pid_t reader);

// From now on the process runs: only what is a file's is read.
void pages_freeze(struct pages *pages);

// Accepts a zeroed one.
void pages_close(struct pages *pages);

// From `from` on, pages of one kind, up to what is returned (at most `end`); both lie in the
// mapping.
addr pages_run(struct pages *pages, const struct mapping *mapping, addr from, addr end,
               enum page_run *kind);

// Whether untouched pages of the mapping are zero: it has no file, and is shared with nobody.
bool mapping_is_anonymous(const struct mapping *mapping);

// The file of a mapping, or -1: a regular file that is the one mapped. Stays open until
// pages_close.
int pages_backing(struct pages *pages, const struct mapping *mapping);

// Over memory that is zero because it was never touched, at most up to `end`.
addr pages_skip_zeros(struct pages *pages, addr from, addr end);

// Brings [from, from+size) into `to`, which is zero already, and returns how many bytes from the
// start on it got. Crosses mappings.
size_t pages_read(struct pages *pages, addr from, void *to, size_t size);

// Whether the memory that `mem` was opened on is still there: false once the process has ended or
// runs another program. True when that cannot be told.
bool pages_alive(const struct pages *pages);

#endif
