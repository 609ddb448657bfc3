// SPDX-License-Identifier: GPL-3.0-or-later
// The jail on x86-64: see arch.h.
#ifndef OURO_JAIL_ARCH_X86_64_H
#define OURO_JAIL_ARCH_X86_64_H

#include <linux/audit.h>
#include <stdint.h>
#include <sys/syscall.h>

#define ARCH_AUDIT AUDIT_ARCH_X86_64
#define ARCH_TOP UINT64_C(0x7ffffffff000)
#define ARCH_SET_FS 0x1002

static inline int64_t arch_syscall(int64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                                   uint64_t e, uint64_t f)
{
    register uint64_t r10 __asm__("r10") = d;
    register uint64_t r8 __asm__("r8") = e;
    register uint64_t r9 __asm__("r9") = f;
    int64_t answer;
    __asm__ volatile("syscall"
                     : "=a"(answer)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return answer;
}

static inline int64_t arch_set_tls(uint64_t base)
{
    return arch_syscall(SYS_arch_prctl, ARCH_SET_FS, base, 0, 0, 0, 0);
}

#ifdef OURO_JAIL_FIRST_CODE
__asm__(".text\n"
        ".globl _start\n"
        ".hidden _start\n"
        "_start:\n"
        "    xor %ebp, %ebp\n"
        "    mov %rsp, %rdi\n"
        "    and $-16, %rsp\n"
        "    call jail_start\n"
        "    hlt\n"

        ".globl arch_go\n"
        ".hidden arch_go\n"
        "arch_go:\n"
        "    mov %rdi, %rsp\n"
        "    xor %ebp, %ebp\n"
        "    mov %rdx, %rdi\n"
        "    call *%rsi\n"
        "    hlt\n"

        ".globl arch_call\n"
        ".hidden arch_call\n"
        "arch_call:\n"
        "    push %rbp\n"
        "    push %rbx\n"
        "    push %r12\n"
        "    push %r13\n"
        "    push %r14\n"
        "    push %r15\n"
        "    mov %rsp, cell_landing(%rip)\n"
        "    mov %rdi, %rsp\n"
        "    mov %rsi, %rdi\n"
        "    mov %rdx, %rsi\n"
        "    mov %rcx, %rdx\n"
        "    mov %r8, %rax\n"
        "    xor %ebx, %ebx\n"
        "    xor %ebp, %ebp\n"
        "    xor %ecx, %ecx\n"
        "    xor %r8d, %r8d\n"
        "    xor %r9d, %r9d\n"
        "    xor %r10d, %r10d\n"
        "    xor %r11d, %r11d\n"
        "    xor %r12d, %r12d\n"
        "    xor %r13d, %r13d\n"
        "    xor %r14d, %r14d\n"
        "    xor %r15d, %r15d\n"
        "    call *%rax\n"
        ".globl arch_land\n"
        ".hidden arch_land\n"
        "arch_land:\n"
        "    cld\n"
        "    mov cell_landing(%rip), %rsp\n"
        "    pop %r15\n"
        "    pop %r14\n"
        "    pop %r13\n"
        "    pop %r12\n"
        "    pop %rbx\n"
        "    pop %rbp\n"
        "    ret\n"

        ".globl arch_restore\n"
        ".hidden arch_restore\n"
        "arch_restore:\n"
        "    mov $15, %eax\n" // SYS_rt_sigreturn
        "    syscall\n");
#endif

#endif
