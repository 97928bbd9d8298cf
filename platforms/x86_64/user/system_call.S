# System calls. Registers: platform/registers.hpp has the table. Numbers: capabilities/interface/system_call.hpp
# (platform/user/context.hpp checks that these agree).
#include "platform/user/layout.h"

    .text

# uint64_t skerry_invoke(Invocation* call)
# target, operation, six arguments at 0; four values at 64. Returns the error.
    .globl skerry_invoke
    .type skerry_invoke, @function
skerry_invoke:
    push %rbx
    push %rbp
    push %rdi
    mov 16(%rdi), %rdx
    mov 24(%rdi), %r8
    mov 32(%rdi), %r9
    mov 40(%rdi), %r10
    mov 48(%rdi), %rbx
    mov 56(%rdi), %rbp
    mov 8(%rdi), %rsi
    mov (%rdi), %rdi
    movabs $SKERRY_CALL_INVOKE, %rax
    syscall
    pop %rdi
    mov %rdx, 64(%rdi)
    mov %r8, 72(%rdi)
    mov %r9, 80(%rdi)
    mov %r10, 88(%rdi)
    pop %rbp
    pop %rbx
    ret
    .size skerry_invoke, . - skerry_invoke

# uint64_t skerry_send(uint64_t endpoint, uint64_t header, const uint64_t words[10])
# The ten word registers come back with anything in them: what C++ wants kept is saved here.
    .globl skerry_send
    .type skerry_send, @function
skerry_send:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rdx, %rax
    mov (%rax), %rdx
    mov 8(%rax), %r8
    mov 16(%rax), %r9
    mov 24(%rax), %r10
    mov 32(%rax), %rbx
    mov 40(%rax), %rbp
    mov 48(%rax), %r12
    mov 56(%rax), %r13
    mov 64(%rax), %r14
    mov 72(%rax), %r15
    movabs $SKERRY_CALL_SEND, %rax
    syscall
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
    .size skerry_send, . - skerry_send

# uint64_t skerry_yield(void), uint64_t skerry_nop(void)
    .globl skerry_yield
    .type skerry_yield, @function
skerry_yield:
    movabs $SKERRY_CALL_YIELD, %rax
    syscall
    ret
    .size skerry_yield, . - skerry_yield

    .globl skerry_nop
    .type skerry_nop, @function
skerry_nop:
    movabs $SKERRY_CALL_NOP, %rax
    syscall
    ret
    .size skerry_nop, . - skerry_nop

    .section .note.GNU-stack, "", @progbits
