# Fills every register from skerry_filled, lets something happen, and stores every register in skerry_found. The
# stack pointer is filled, too: nothing below touches memory through it.
#   image: 16 registers in the order of a save area | FS base, GS base | MXCSR, x87 control | 16 x 32 bytes of vectors
#include "platform/user/layout.h"

    .set IMAGE_FS, 128
    .set IMAGE_GS, 136
    .set IMAGE_MXCSR, 144
    .set IMAGE_CONTROL, 148
    .set IMAGE_VECTORS, 192

    .text
.macro vectors instruction, register, to_memory
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    .if \to_memory
    \instruction %\register\n, IMAGE_VECTORS + 32 * \n(%rdi)
    .else
    \instruction IMAGE_VECTORS + 32 * \n(%rdi), %\register\n
    .endif
    .endr
.endm

# void skerry_fill_and_wait(uint32_t meanwhile, uint64_t turns, bool own_base, bool wide)
    .globl skerry_fill_and_wait
    .type skerry_fill_and_wait, @function
skerry_fill_and_wait:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    mov %edi, what(%rip)
    mov %rsi, turns(%rip)
    mov %edx, own_base(%rip)
    mov %ecx, wide(%rip)
    mov %rsp, old_stack(%rip)
    rdfsbase %rax
    mov %rax, old_fs(%rip)
    rdgsbase %rax
    mov %rax, old_gs(%rip)
    stmxcsr old_mxcsr(%rip)
    fnstcw old_control(%rip)

    lea skerry_filled(%rip), %rdi
    test %ecx, %ecx
    jz 1f
    vectors vmovdqu, ymm, 0
    jmp 2f
1:  vectors movdqu, xmm, 0
2:  ldmxcsr IMAGE_MXCSR(%rdi)
    fldcw IMAGE_CONTROL(%rdi)
    mov IMAGE_FS(%rdi), %rax
    wrfsbase %rax
    test %edx, %edx
    jz 3f
    mov IMAGE_GS(%rdi), %rax
    wrgsbase %rax
3:  mov (%rdi), %rax
    mov 8(%rdi), %rbx
    mov 16(%rdi), %rcx
    mov 24(%rdi), %rdx
    mov 32(%rdi), %rsi
    mov 48(%rdi), %rbp
    mov 56(%rdi), %rsp
    mov 64(%rdi), %r8
    mov 72(%rdi), %r9
    mov 80(%rdi), %r10
    mov 88(%rdi), %r11
    mov 96(%rdi), %r12
    mov 104(%rdi), %r13
    mov 112(%rdi), %r14
    mov 120(%rdi), %r15
    mov 40(%rdi), %rdi

    cmpl $1, what(%rip)
    je 5f
    ja 6f
4:  pause
    decq turns(%rip)
    jnz 4b
    jmp 7f
5:  syscall
    .globl skerry_after_foreign_call
skerry_after_foreign_call:
    jmp 7f
6:  int3

7:  mov %rdi, skerry_found + 40(%rip)
    lea skerry_found(%rip), %rdi
    mov %rax, (%rdi)
    mov %rbx, 8(%rdi)
    mov %rcx, 16(%rdi)
    mov %rdx, 24(%rdi)
    mov %rsi, 32(%rdi)
    mov %rbp, 48(%rdi)
    mov %rsp, 56(%rdi)
    mov %r8, 64(%rdi)
    mov %r9, 72(%rdi)
    mov %r10, 80(%rdi)
    mov %r11, 88(%rdi)
    mov %r12, 96(%rdi)
    mov %r13, 104(%rdi)
    mov %r14, 112(%rdi)
    mov %r15, 120(%rdi)
    rdfsbase %rax
    mov %rax, IMAGE_FS(%rdi)
    rdgsbase %rax
    mov %rax, IMAGE_GS(%rdi)
    stmxcsr IMAGE_MXCSR(%rdi)
    fnstcw IMAGE_CONTROL(%rdi)
    cmpl $0, wide(%rip)
    jz 8f
    vectors vmovdqu, ymm, 1
    vzeroupper
    jmp 9f
8:  vectors movdqu, xmm, 1
9:  mov old_gs(%rip), %rax
    wrgsbase %rax
    mov old_fs(%rip), %rax
    wrfsbase %rax
    ldmxcsr old_mxcsr(%rip)
    fldcw old_control(%rip)
    mov old_stack(%rip), %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
    .size skerry_fill_and_wait, . - skerry_fill_and_wait

    .bss
    .balign 64
    .globl skerry_filled, skerry_found
skerry_filled: .skip 704
skerry_found:  .skip 704
turns:         .skip 8
old_stack:     .skip 8
old_fs:        .skip 8
old_gs:        .skip 8
what:          .skip 4
own_base:      .skip 4
wide:          .skip 4
old_mxcsr:     .skip 4
old_control:   .skip 4
    .section .note.GNU-stack, "", @progbits
