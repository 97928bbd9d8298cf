# Where a program begins, and where the CPU driver enters it from then on. Every entry here runs disabled, with GS
# at the dispatcher page.
#include "platform/user/layout.h"

    .text

# All registers of an upcall on the stack as a runtime::Message: token, header, badge, ten words. 14 pushes keep the
# stack 16-byte aligned.
.macro push_message
    push %r15                      # a pad, where the received capability's slot will stand
    push %r15
    push %r14
    push %r13
    push %r12
    push %rbp
    push %rbx
    push %r10
    push %r9
    push %r8
    push %rdx
    push %rax
    push %rsi
    push %rdi
.endm

# The first upcall of a domain: `run`, or `message` if one was sent before it ran. The spawner's initial stack is not
# relied on.
    .globl _start
    .type _start, @function
_start:
    cld
    lea skerry_upcall_stack_top(%rip), %rsp
    push_message
    mov %gs:SKERRY_PAGE_SELF, %rdi
    mov %rsp, %rsi
    xor %ebp, %ebp
    call skerry_start              # (page, message); does not return
    ud2
    .size _start, . - _start

# Upcalls: rdi = a, rsi = b, rax = c; the handlers do not return.
    .globl skerry_entry_run
    .type skerry_entry_run, @function
skerry_entry_run:
    cld
    xor %ebp, %ebp
    call skerry_upcall_run         # (woken)
    ud2
    .size skerry_entry_run, . - skerry_entry_run

    .globl skerry_entry_page_fault
    .type skerry_entry_page_fault, @function
skerry_entry_page_fault:
    cld
    xor %ebp, %ebp
    call skerry_upcall_page_fault  # (address, access)
    ud2
    .size skerry_entry_page_fault, . - skerry_entry_page_fault

    .globl skerry_entry_trap
    .type skerry_entry_trap, @function
skerry_entry_trap:
    cld
    xor %ebp, %ebp
    call skerry_upcall_trap        # (kind and number, word)
    ud2
    .size skerry_entry_trap, . - skerry_entry_trap

    .globl skerry_entry_message
    .type skerry_entry_message, @function
skerry_entry_message:              # the driver has cleared the direction flag
    push_message
    mov %rsp, %rdi
    xor %ebp, %ebp
    call skerry_upcall_message     # (message)
    ud2
    .size skerry_entry_message, . - skerry_entry_message

    .section .skerry_core, "aw", @nobits
    .balign 4096
    .globl skerry_upcall_stack_top, skerry_fault_stack_top
    .skip 16384
skerry_upcall_stack_top:
    .skip 16384
skerry_fault_stack_top:

# The main stack of a program whose spawner gave it none. A section of its own: the linker script leaves an unmapped
# gap below it, so that an overflow faults.
    .section .skerry_stack, "aw", @nobits
    .balign 4096
    .globl skerry_default_stack, skerry_default_stack_top
skerry_default_stack:
    .skip 65536
skerry_default_stack_top:

    .section .note.GNU-stack, "", @progbits
