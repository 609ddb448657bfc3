// SPDX-License-Identifier: GPL-3.0-or-later
// Whether what a layout finds in memory can be what it takes it for.
//
// A shipped table may be of another build than the process: the first looks (type(type) is type, a
// list closes) pass with many a wrong one. Here it has to find things that prove each other:
//
//      sizes      static types of the interpreter say how large their instances are
//      names      sys.modules has a module under "sys": dicts, their keys and strs are read right
//      places     what the runtime, interpreters and threads refer to is of the type it must be
//      lists      objects on the collector's lists have types, link by link
//      references what the decoders find, from sys.modules on, are objects: type by type
//      mimalloc   each page is where its heap says, of the size of its queue, its free blocks are
//                 its own; and sys.modules lies in one of them (free-threaded builds)
//
// Does not know: where the layout came from, what to do about a wrong one.
// Owns: nothing. Cost: some ten thousand objects, a fifth of them where reading is slow; all page headers of a free-threaded build.
#ifndef OURO_PY_RUNTIME_PROVE_H
#define OURO_PY_RUNTIME_PROVE_H

#include "py/python.h"

// After runtime_read(). False: what did not fit, as one sentence that begins with the layout's
// source. A heap of which a part is damaged still passes: one in ten may be wrong. `exact`: the
// layout is of this very release, and memory that cannot be read (a core that was cut off) is no
// proof against it.
bool prove_layout(const struct python *py, bool exact, struct err *err);

#endif
