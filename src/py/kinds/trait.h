// SPDX-License-Identifier: GPL-3.0-or-later
// What the instances of a type are: one bit per trait.
//
// A row of the kind_*.c files states the traits of the types that it serves. A subclass has those of
// the row that it inherits along tp_base, whatever it is called. Nobody outside of py/kinds/ decides
// by the name of a type that has a row (tools/check-types): type_is() and type_is_exact() ask.
//
// Does not know: types. Owns, borrows: nothing.
#ifndef OURO_PY_KINDS_TRAIT_H
#define OURO_PY_KINDS_TRAIT_H

#include <stdint.h>

typedef uint64_t traits;
#define TRAIT_BIT(n) (UINT64_C(1) << (n))

// containers
#define TRAIT_LIST TRAIT_BIT(0)
#define TRAIT_TUPLE TRAIT_BIT(1)
#define TRAIT_DICT TRAIT_BIT(2) // dict and frozendict alone
#define TRAIT_DEFAULT_DICT TRAIT_BIT(3)
#define TRAIT_ORDERED_DICT TRAIT_BIT(4)
#define TRAIT_STG_DICT TRAIT_BIT(5) // of ctypes' classes
#define TRAIT_SET TRAIT_BIT(6)      // set alone: frozenset has a trait of its own
#define TRAIT_FROZENSET TRAIT_BIT(7)
#define TRAIT_DEQUE TRAIT_BIT(8)
#define TRAIT_QUEUE TRAIT_BIT(9) // _queue.SimpleQueue

// text and numbers
#define TRAIT_TEXT TRAIT_BIT(10) // str; in 2.7 str and unicode
#define TRAIT_BYTES TRAIT_BIT(11)
#define TRAIT_BYTEARRAY TRAIT_BIT(12)
#define TRAIT_INT TRAIT_BIT(13) // 2.7's long too
#define TRAIT_BOOL TRAIT_BIT(14)
#define TRAIT_FLOAT TRAIT_BIT(15)
#define TRAIT_COMPLEX TRAIT_BIT(16)
#define TRAIT_SINGLETON TRAIT_BIT(17) // None, Ellipsis, NotImplemented
#define TRAIT_ARRAY TRAIT_BIT(18)     // numpy.ndarray
#define TRAIT_DTYPE TRAIT_BIT(19)
#define TRAIT_RECORD TRAIT_BIT(20) // numpy.void

// machinery: what a program is made of
#define TRAIT_TYPE TRAIT_BIT(21)
#define TRAIT_MODULE TRAIT_BIT(22)
#define TRAIT_FUNCTION TRAIT_BIT(23)
#define TRAIT_METHOD TRAIT_BIT(24)  // bound methods
#define TRAIT_BUILTIN TRAIT_BIT(25) // functions and bound methods in C
#define TRAIT_CODE TRAIT_BIT(26)
#define TRAIT_CELL TRAIT_BIT(27)
#define TRAIT_WRAPPER TRAIT_BIT(28) // classmethod, staticmethod
#define TRAIT_PROPERTY TRAIT_BIT(29)
#define TRAIT_METHOD_DESCRIPTOR TRAIT_BIT(30)
#define TRAIT_MEMBER_DESCRIPTOR TRAIT_BIT(31)
#define TRAIT_GETSET_DESCRIPTOR TRAIT_BIT(32)

// what runs, or waits
#define TRAIT_FRAME TRAIT_BIT(33)
#define TRAIT_GENERATOR TRAIT_BIT(34)
#define TRAIT_COROUTINE TRAIT_BIT(35)
#define TRAIT_ASYNC_GENERATOR TRAIT_BIT(36)
#define TRAIT_STEP TRAIT_BIT(37) // an awaitable between a coroutine and what it waits for
#define TRAIT_TASK TRAIT_BIT(38) // asyncio's, in C
#define TRAIT_TRACEBACK TRAIT_BIT(39)
#define TRAIT_GREENLET TRAIT_BIT(40)

// others
#define TRAIT_WEAK TRAIT_BIT(41) // weakref.ref and proxies
#define TRAIT_EXCEPTION TRAIT_BIT(42)
#define TRAIT_OLD_INSTANCE TRAIT_BIT(43)  // of an old-style class (2.7)
#define TRAIT_LAZY TRAIT_BIT(44)          // a lazy import (3.15)
#define TRAIT_PARTIAL TRAIT_BIT(45)       // functools.partial
#define TRAIT_CACHE TRAIT_BIT(46)         // functools.lru_cache's
#define TRAIT_CACHE_ELEMENT TRAIT_BIT(47) // of a bounded functools.lru_cache
#define TRAIT_THREAD_LOCAL TRAIT_BIT(48)
#define TRAIT_OBJECT TRAIT_BIT(49)       // object itself, and what inherits from no other row
#define TRAIT_VIEW TRAIT_BIT(50)         // memoryview
#define TRAIT_STREAM TRAIT_BIT(51)       // has raw bytes or characters beside itself, and a lock
#define TRAIT_BYTES_STREAM TRAIT_BIT(54) // io.BytesIO: writes into a bytes object
#define TRAIT_TEXT_STREAM TRAIT_BIT(55)  // io.StringIO
#define TRAIT_BYTES_EXPORT TRAIT_BIT(56) // stands for the views of an io.BytesIO
#define TRAIT_CONTEXT_VAR TRAIT_BIT(52)
#define TRAIT_CONTEXT_NODE TRAIT_BIT(53) // of a context's tree, with variables and their values

#define TRAIT_ANY_DICT (TRAIT_DICT | TRAIT_DEFAULT_DICT | TRAIT_ORDERED_DICT | TRAIT_STG_DICT)
#define TRAIT_ANY_SET (TRAIT_SET | TRAIT_FROZENSET)
#define TRAIT_DESCRIPTOR                                                                           \
    (TRAIT_METHOD_DESCRIPTOR | TRAIT_MEMBER_DESCRIPTOR | TRAIT_GETSET_DESCRIPTOR)
#define TRAIT_ANY_GENERATOR (TRAIT_GENERATOR | TRAIT_COROUTINE | TRAIT_ASYNC_GENERATOR)

#endif
