# An attempt at something that may fault: the fault's handler lets it go on at skerry_attempt_landing. Used by
# programs and by the probe kernel (test/probe): nothing here depends on the mode. One attempt at a time.
    .text

# uint64_t skerry_attempt(void (*what)(void*), void* argument): 0 if it returned, 1 if it came to the landing.
    .globl skerry_attempt, skerry_attempt_landing
    .type skerry_attempt, @function
skerry_attempt:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    sub $8, %rsp
    mov %rsp, attempt_stack(%rip)
    mov %rdi, %rax
    mov %rsi, %rdi
    call *%rax
    xor %eax, %eax
    jmp 1f
skerry_attempt_landing:
    cld
    mov attempt_stack(%rip), %rsp
    mov $1, %eax
1:  add $8, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
    .size skerry_attempt, . - skerry_attempt

    .bss
    .balign 8
attempt_stack:
    .skip 8
    .section .note.GNU-stack, "", @progbits
