# void skerry_raw_call(RawCall* call)
# Number at 0; twelve words from 8 on, in the registers of send (platform/registers.hpp); then the answer: its error at
# 104, four values from 112 on.
    .text
    .globl skerry_raw_call
    .type skerry_raw_call, @function
skerry_raw_call:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    push %rdi
    mov %rdi, %rax
    mov 8(%rax), %rdi
    mov 16(%rax), %rsi
    mov 24(%rax), %rdx
    mov 32(%rax), %r8
    mov 40(%rax), %r9
    mov 48(%rax), %r10
    mov 56(%rax), %rbx
    mov 64(%rax), %rbp
    mov 72(%rax), %r12
    mov 80(%rax), %r13
    mov 88(%rax), %r14
    mov 96(%rax), %r15
    mov (%rax), %rax
    syscall
    pop %rdi
    mov %rax, 104(%rdi)
    mov %rdx, 112(%rdi)
    mov %r8, 120(%rdi)
    mov %r9, 128(%rdi)
    mov %r10, 136(%rdi)
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
    .size skerry_raw_call, . - skerry_raw_call

    .section .note.GNU-stack, "", @progbits
