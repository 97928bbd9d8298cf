// The suite runs on a stack of its own: the kernel's belongs to traps from user level.
    .text
    .global contract_run_on
contract_run_on:                    // rdi: the stack's top, rsi: what runs there and does not return
    mov %rdi, %rsp
    xor %ebp, %ebp
    call *%rsi
    ud2

    // uint32_t contract_enter_user(): leaves with skerry_registers, and returns what contract_leave_user() is given.
    .global contract_enter_user
contract_enter_user:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, suite_stack
    mov $1, %edi                    // all registers
    jmp skerry_leave

    .global contract_leave_user
contract_leave_user:
    mov %edi, %eax
    mov suite_stack, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret

    .bss
    .balign 8
suite_stack: .skip 8
    .balign 4096
    .skip 32768
    .global contract_stack_top
contract_stack_top:
    .section .note.GNU-stack, "", @progbits
