// SPDX-License-Identifier: GPL-3.0-or-later
// The jail on aarch64: see arch.h.
#ifndef OURO_JAIL_ARCH_AARCH64_H
#define OURO_JAIL_ARCH_AARCH64_H

#include <linux/audit.h>
#include <stdint.h>
#include <sys/syscall.h>

#define ARCH_AUDIT AUDIT_ARCH_AARCH64
#define ARCH_TOP                                                                                   \
    (UINT64_C(1) << 52) // kernels have 39 to 52 bits; what is too much is halved until it fits

static inline int64_t arch_syscall(int64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                                   uint64_t e, uint64_t f)
{
    register int64_t x8 __asm__("x8") = number;
    register uint64_t x0 __asm__("x0") = a;
    register uint64_t x1 __asm__("x1") = b;
    register uint64_t x2 __asm__("x2") = c;
    register uint64_t x3 __asm__("x3") = d;
    register uint64_t x4 __asm__("x4") = e;
    register uint64_t x5 __asm__("x5") = f;
    __asm__ volatile("svc 0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
    return (int64_t)x0;
}

static inline int64_t arch_set_tls(uint64_t base)
{
    __asm__ volatile("msr tpidr_el0, %0" : : "r"(base) : "memory");
    return 0;
}

#ifdef OURO_JAIL_FIRST_CODE
__asm__(".text\n"
        ".globl _start\n"
        ".hidden _start\n"
        "_start:\n"
        "    mov x29, xzr\n"
        "    mov x30, xzr\n"
        "    mov x0, sp\n"
        "    and x1, x0, #-16\n"
        "    mov sp, x1\n"
        "    bl jail_start\n"
        "    brk #1\n"

        ".globl arch_go\n"
        ".hidden arch_go\n"
        "arch_go:\n"
        "    mov sp, x0\n"
        "    mov x29, xzr\n"
        "    mov x0, x2\n"
        "    blr x1\n"
        "    brk #1\n"

        ".globl arch_call\n"
        ".hidden arch_call\n"
        "arch_call:\n"
        "    stp x29, x30, [sp, #-160]!\n"
        "    stp x19, x20, [sp, #16]\n"
        "    stp x21, x22, [sp, #32]\n"
        "    stp x23, x24, [sp, #48]\n"
        "    stp x25, x26, [sp, #64]\n"
        "    stp x27, x28, [sp, #80]\n"
        "    stp d8, d9, [sp, #96]\n"
        "    stp d10, d11, [sp, #112]\n"
        "    stp d12, d13, [sp, #128]\n"
        "    stp d14, d15, [sp, #144]\n"
        "    mov x9, sp\n"
        "    adrp x10, cell_landing\n"
        "    str x9, [x10, :lo12:cell_landing]\n"
        "    mov sp, x0\n"
        "    mov x0, x1\n"
        "    mov x1, x2\n"
        "    mov x2, x3\n"
        "    mov x16, x4\n"
        "    mov x3, xzr\n"
        "    mov x4, xzr\n"
        "    mov x9, xzr\n"
        "    mov x10, xzr\n"
        "    mov x19, xzr\n"
        "    mov x20, xzr\n"
        "    mov x21, xzr\n"
        "    mov x22, xzr\n"
        "    mov x23, xzr\n"
        "    mov x24, xzr\n"
        "    mov x25, xzr\n"
        "    mov x26, xzr\n"
        "    mov x27, xzr\n"
        "    mov x28, xzr\n"
        "    mov x29, xzr\n"
        "    blr x16\n"
        ".globl arch_land\n"
        ".hidden arch_land\n"
        "arch_land:\n"
        "    adrp x10, cell_landing\n"
        "    ldr x9, [x10, :lo12:cell_landing]\n"
        "    mov sp, x9\n"
        "    ldp x19, x20, [sp, #16]\n"
        "    ldp x21, x22, [sp, #32]\n"
        "    ldp x23, x24, [sp, #48]\n"
        "    ldp x25, x26, [sp, #64]\n"
        "    ldp x27, x28, [sp, #80]\n"
        "    ldp d8, d9, [sp, #96]\n"
        "    ldp d10, d11, [sp, #112]\n"
        "    ldp d12, d13, [sp, #128]\n"
        "    ldp d14, d15, [sp, #144]\n"
        "    ldp x29, x30, [sp], #160\n"
        "    ret\n"

        ".globl arch_restore\n"
        ".hidden arch_restore\n"
        "arch_restore:\n"
        "    mov x8, #139\n" // SYS_rt_sigreturn
        "    svc 0\n");
#endif

#endif
