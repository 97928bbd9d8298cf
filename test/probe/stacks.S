# Two ways to lose the stack pointer: a non-maskable interrupt must not mind, anything else must end on the stack of
# the double fault.
    .text
    .globl probe_interrupt_without_stack, probe_fault_without_stack

# void probe_interrupt_without_stack(void* nowhere): the NMI's handler, entered with a stack pointer that points nowhere.
probe_interrupt_without_stack:
    mov %rsp, %rax
    mov %rdi, %rsp
    int $2
    mov %rax, %rsp
    ret

# [[noreturn]] void probe_fault_without_stack(void* nowhere)
probe_fault_without_stack:
    mov %rdi, %rsp
    push %rax
    ud2
    .section .note.GNU-stack, "", @progbits
