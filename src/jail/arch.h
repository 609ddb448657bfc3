// SPDX-License-Identifier: GPL-3.0-or-later
// What differs between instruction sets in the jail: the program's first instruction, system calls,
// the TLS register, and calling a function in such a way that a signal handler can end it.
//
// Does not know: what is called.
//
// The worker has no C library: it takes over the target's TLS register and unmaps all that a C
// library would lean on. Each arch_*.h gives:
//      ARCH_AUDIT, ARCH_TOP, SYS_* numbers
//      arch_syscall(number, six arguments)    the kernel's answer, -errno when it failed
//      arch_set_tls(base)
//      arch_go(stack, function, argument)     runs on another stack, for good
//      arch_call(stack, object, visit, list, function) and arch_land(): the latter, in a handler,
//      makes the former return, anything. The function runs on a stack of its own and finds no
//      pointer into the worker in any register but the visitor: code gone wild mostly writes where
//      the registers point. cell_landing is where the caller's registers lie.
#ifndef OURO_JAIL_ARCH_H
#define OURO_JAIL_ARCH_H

#include <stdint.h>

// Flags that the user chose come after ours on the compiler's command line: there is no TLS for a
// stack protector.
#if !defined __clang__
#pragma GCC optimize("no-stack-protector")
#endif

#if defined __x86_64__
#include "jail/arch_x86_64.h"
#elif defined __aarch64__
#include "jail/arch_aarch64.h"
#else
#error "the jail knows x86-64 and aarch64"
#endif

typedef int visit_fn(void *object, void *list);

// Hidden, so that their addresses are relative to the code that asks and need no relocation.
#pragma GCC visibility push(hidden)

int arch_call(uint64_t stack, uint64_t object, visit_fn *visit, const void *list,
              uint64_t function);
_Noreturn void arch_land(void);
_Noreturn void arch_go(uint64_t stack, void (*function)(void *), void *argument);
void arch_restore(void); // sa_restorer: returns from a signal handler

// Called by the first instruction with the kernel's stack: argc, argv...
_Noreturn void jail_start(const uint64_t *stack);
#pragma GCC visibility pop

#endif
