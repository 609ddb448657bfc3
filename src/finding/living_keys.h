// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a dict's entries stand for threads that run: its keys are what threading.get_ident() or
// get_native_id() say of them, or their Thread objects. There are as many entries as there are
// threads, whichever code adds them: the dict does not grow.
//
// Does not know: whether the threads should have ended. Owns: nothing. Cost: a sample of the keys.
#ifndef OURO_FINDING_LIVING_KEYS_H
#define OURO_FINDING_LIVING_KEYS_H

#include "finding/finder.h"

// False too where keys cannot be read: heaps that were saved without memory.
bool living_keys_are_threads(const struct finder *f, node n);

// An int's value as far as it may be an address or a thread's number; 0: something else.
addr living_keys_int(const struct finder *f, addr key);

// Whether a thread that runs has this number, of Python's or of the system's.
bool living_keys_is_thread(const struct finder *f, uint64_t ident);

#endif
