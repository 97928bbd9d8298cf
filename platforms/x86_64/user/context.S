# Leaving one thread of control and entering another. All run disabled; what resumes a thread also enables.
#include "platform/user/layout.h"

    .text

# void skerry_switch_out(uint64_t* saved_stack, uint64_t deadline)
# Keeps on its own stack what C++ wants kept, stores the stack pointer, and gives up the core. Comes back through
# skerry_resume_stack in a later upcall. Vector registers are the caller's by the calling convention.
#   saved stack:  MXCSR, x87 control | FS base | r15 r14 r13 r12 rbp rbx | return address
    .globl skerry_switch_out
    .type skerry_switch_out, @function
skerry_switch_out:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    rdfsbase %rax
    push %rax
    sub $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    mov %rsp, (%rdi)
    mov %rsi, %rdi
    movabs $SKERRY_CALL_WAIT, %rax
    syscall
    ud2                            # wait never returns
    .size skerry_switch_out, . - skerry_switch_out

# void skerry_wait(uint64_t deadline): gives up the core with nothing to keep.
    .globl skerry_wait
    .type skerry_wait, @function
skerry_wait:
    movabs $SKERRY_CALL_WAIT, %rax
    syscall
    ud2
    .size skerry_wait, . - skerry_wait

# void skerry_resume_stack(uint64_t saved_stack, uint64_t disabled)
# Once the word is zero an interrupt saves the rest of this as part of the thread: no critical range is needed.
    .globl skerry_resume_stack
    .type skerry_resume_stack, @function
skerry_resume_stack:
    mov %rdi, %rsp
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
    add $8, %rsp
    pop %rax
    wrfsbase %rax
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    mov %rsi, %gs:SKERRY_PAGE_DISABLED
    ret
    .size skerry_resume_stack, . - skerry_resume_stack

# void skerry_enter(void* stack_top, void (*function)(void*), void* argument): a new thread of control, enabled.
    .globl skerry_enter
    .type skerry_enter, @function
skerry_enter:
    mov %rdi, %rsp
    xor %ebp, %ebp
    mov %rdx, %rdi
    movq $0, %gs:SKERRY_PAGE_DISABLED
    call *%rsi
    ud2
    .size skerry_enter, . - skerry_enter

# Loads all but rdi and rip from the area at rdi. The stack pointer is the thread's afterwards; nothing below writes
# through it.
.macro load_registers
    pushq SKERRY_AREA_RFLAGS(%rdi)
    popfq                          # nothing after this touches the flags
    mov (%rdi), %rax
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
.endm

# void skerry_resume_full(const void* area, uint64_t disabled)
# Every register of an interrupted thread, wherever it was interrupted. The instruction pointer goes through the
# enabled area (free while disabled), so that the last jump needs no register. Between enabling and that jump the
# driver counts us as disabled (skerry_critical_start to end): nothing overwrites the word that the jump reads.
    .globl skerry_resume_full, skerry_critical_start, skerry_critical_end
    .type skerry_resume_full, @function
skerry_resume_full:
    mov SKERRY_AREA_RIP(%rdi), %rax
    mov %rax, %gs:SKERRY_PAGE_ENABLED_RIP
    mov SKERRY_AREA_FS_BASE(%rdi), %rax
    wrfsbase %rax
    mov %gs:SKERRY_PAGE_EXTENDED_MASK, %rax
    mov %rax, %rdx
    shr $32, %rdx
    xrstor64 SKERRY_AREA_EXTENDED(%rdi)
    test %rsi, %rsi
    jnz 1f
    load_registers
skerry_critical_start:
    movq $0, %gs:SKERRY_PAGE_DISABLED
    jmp *%gs:SKERRY_PAGE_ENABLED_RIP
skerry_critical_end:
1:  load_registers                 # stays disabled: no message is wanted now
    jmp *%gs:SKERRY_PAGE_ENABLED_RIP
    .size skerry_resume_full, . - skerry_resume_full

    .section .note.GNU-stack, "", @progbits
