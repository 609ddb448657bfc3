// SPDX-License-Identifier: GPL-3.0-or-later
// An error as a value: what kind it is, and one sentence a person can act on.
//
// Does not know: who reports it. Nothing here prints.
//
// Every fallible verb of the engine returns bool and takes `struct err *err` as its last argument.
// `return err_set(err, ERR_FORMAT, "%s: not an ELF core", path);` is always false, so that failing is
// one line. A caller adds context with err_wrap() or passes the error on untouched. A null err is
// allowed: the caller does not want to know why.
//
// Owns: its text, inside the struct; nothing to free. Cost: one vsnprintf, only when something fails.
#ifndef OURO_BASE_ERR_H
#define OURO_BASE_ERR_H

#include <stdbool.h>
#include <stdint.h>

enum err_kind {
    ERR_NONE,
    ERR_MEMORY,      // out of memory: an ordinary error
    ERR_IO,          // a file or a process could not be opened or read
    ERR_FORMAT,      // bytes that are not what they should be
    ERR_READ,        // an address of the target that cannot be read
    ERR_UNSUPPORTED, // understood, and beyond what ouro does
    ERR_USAGE,       // the user's words are off
    ERR_NOT_FOUND,   // a name or an object that is not there
    ERR_CANCELLED,   // a progress callback said stop
};

struct err {
    enum err_kind kind;
    char text[480]; // one sentence, no full stop, no newline; UTF-8
};

#define ERR_INIT                                                                                   \
    {                                                                                              \
        ERR_NONE, ""                                                                               \
    }

// Sets the error and returns false. Control characters that came in through an argument (a path, a
// name out of a target) are replaced by '?', so that the sentence may go to a terminal as it is.
bool err_set(struct err *err, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Puts context before the sentence that is there ("context: sentence") and returns false.
bool err_wrap(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

// "out of memory", with what could not be had. Returns false.
bool err_memory(struct err *err, const char *what);

// How often this process called err_memory(), with a null err, too. An answer that began at another number is not
// whole, whoever got along without what was missing. Any thread may ask.
uint64_t err_shortages(void);

// errno as a sentence: "what: No such file or directory". Returns false.
bool err_errno(struct err *err, int number, const char *what);

// Forgets the error, so that the struct can be used again.
void err_clear(struct err *err);

#endif
