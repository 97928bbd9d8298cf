// Into the driver and out again. The user's registers live in one place, skerry_registers, for as long as the
// driver runs; there is no stack of frames, since the driver is never preempted. Every address is this core's own
// copy at the common link address, so neither GS nor any lookup is needed to find it.

    .section .text.entry, "ax"
.macro save_all                     // all but rcx, r11, rip, rflags, rsp
    mov %rax, skerry_registers + 0
    mov %rbx, skerry_registers + 8
    mov %rdx, skerry_registers + 24
    mov %rsi, skerry_registers + 32
    mov %rdi, skerry_registers + 40
    mov %rbp, skerry_registers + 48
    mov %r8, skerry_registers + 64
    mov %r9, skerry_registers + 72
    mov %r10, skerry_registers + 80
    mov %r12, skerry_registers + 96
    mov %r13, skerry_registers + 104
    mov %r14, skerry_registers + 112
    mov %r15, skerry_registers + 120
    rdfsbase %rax
    mov %rax, skerry_registers + 144
    rdgsbase %rax
    mov %rax, skerry_registers + 152
.endm

.macro push_clobbered               // what C++ may change
    push %rax
    push %rcx
    push %rdx
    push %rsi
    push %rdi
    push %r8
    push %r9
    push %r10
    push %r11
.endm
.macro pop_clobbered                // leaves the flags alone
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rdi
    pop %rsi
    pop %rdx
    pop %rcx
    pop %rax
.endm

    .balign 64
    .global skerry_system_call_entry
skerry_system_call_entry:
    mov %rsp, skerry_registers + 56
    mov $kernel_stack_top, %rsp
    mov %rcx, skerry_registers + 128
    mov %r11, skerry_registers + 136
    mov %rcx, skerry_registers + 16
    mov %r11, skerry_registers + 88
    save_all
    call skerry_system_call
    test %eax, %eax                 // cpudriver::Exit: fast, full, idle
    jnz leave_slowly
    // Fast way out: rcx and r11 are spent.
leave_fast:
    mov skerry_registers + 144, %rax
    wrfsbase %rax
    mov skerry_registers + 152, %rax
    wrgsbase %rax
    mov skerry_registers + 128, %rcx
    mov skerry_registers + 136, %r11
    mov skerry_registers + 0, %rax
    mov skerry_registers + 8, %rbx
    mov skerry_registers + 24, %rdx
    mov skerry_registers + 32, %rsi
    mov skerry_registers + 40, %rdi
    mov skerry_registers + 48, %rbp
    mov skerry_registers + 64, %r8
    mov skerry_registers + 72, %r9
    mov skerry_registers + 80, %r10
    mov skerry_registers + 96, %r12
    mov skerry_registers + 104, %r13
    mov skerry_registers + 112, %r14
    mov skerry_registers + 120, %r15
    mov skerry_registers + 56, %rsp
    sysretq

leave_slowly:
    cmp $2, %eax
    je skerry_idle
leave_full:
    mov skerry_registers + 144, %rax
    wrfsbase %rax
    mov skerry_registers + 152, %rax
    wrgsbase %rax
    mov skerry_registers + 0, %rax
    mov skerry_registers + 8, %rbx
    mov skerry_registers + 16, %rcx
    mov skerry_registers + 24, %rdx
    mov skerry_registers + 32, %rsi
    mov skerry_registers + 40, %rdi
    mov skerry_registers + 48, %rbp
    mov skerry_registers + 64, %r8
    mov skerry_registers + 72, %r9
    mov skerry_registers + 80, %r10
    mov skerry_registers + 88, %r11
    mov skerry_registers + 96, %r12
    mov skerry_registers + 104, %r13
    mov skerry_registers + 112, %r14
    mov skerry_registers + 120, %r15
    mov $kernel_stack_top, %rsp
    pushq $0x1b
    pushq skerry_registers + 56
    pushq skerry_registers + 136
    pushq $0x23
    pushq skerry_registers + 128
    iretq

    // A poke from another core. One that asks for invalidated pages alone needs no registers saved but those that C++ may
    // change, and leaves by the frame that it came with. Not if the driver idles, or AC would switch SMAP off.
    .balign 64
poke_entry:
    testb $3, 8(%rsp)
    jz poke_slowly
    testl $0x40000, 16(%rsp)
    jnz poke_slowly
    push_clobbered
    cld
    call skerry_brief_poke
    test %eax, %eax
    pop_clobbered
    jz poke_slowly
    iretq
poke_slowly:
    pushq $0
    pushq $0xe1                     // vector_poke
    jmp common_trap

    .text
    // Leaves for user level from C++: rdi = 0 fast, else full.
    .global skerry_leave
skerry_leave:
    test %edi, %edi
    jz leave_fast
    jmp leave_full

    // Every interrupt and exception: error code (or 0) and vector are on the stack.
common_trap:
    // The gate left the program's AC and DF as they were; a set AC would switch SMAP off. (CLAC is not on every CPU; POPF is slow,
    // and under an emulator very.)
    testl $0x40000, 32(%rsp)
    jnz clear_flags
flags_clear:
    testb $3, 24(%rsp)
    jz from_driver
    mov %rcx, skerry_registers + 16
    mov %r11, skerry_registers + 88
    save_all
    pop %rdi                        // vector
    pop %rsi                        // error code
    pop %rax
    mov %rax, skerry_registers + 128
    pop %rax                        // cs
    pop %rax
    mov %rax, skerry_registers + 136
    pop %rax
    mov %rax, skerry_registers + 56
    mov $kernel_stack_top, %rsp
    cld
    call skerry_trap
    test %eax, %eax
    jnz leave_full
    jmp leave_fast

clear_flags:
    pushq $2
    popfq
    jmp flags_clear

    // In the driver there are two reasons: it idles, or an XRSTOR refused the program's image.
from_driver:
    push_clobbered
    push %rbp
    mov 80(%rsp), %rdi              // vector
    mov 88(%rsp), %rsi              // error code
    lea 96(%rsp), %rdx              // rip, cs, rflags, rsp, ss
    cld
    mov %rsp, %rbp
    and $-16, %rsp
    call skerry_driver_trap         // may not return (idle)
    mov %rbp, %rsp
    pop %rbp
    pop_clobbered
    add $16, %rsp
    iretq

    // Idle: interrupts are on only between sti and cli. The handler does not come back here.
    .global skerry_idle
skerry_idle:
    mov $kernel_stack_top, %rsp
    sti
1:  hlt
    jmp 1b
    .global skerry_idle_end
skerry_idle_end:

    // XRSTOR from memory that a program can write: a malformed image faults, and the fault lands at the second label.
    .global skerry_xrstor
    .global skerry_xrstor_fault
    .global skerry_xrstor_landing
skerry_xrstor:
    mov %rsi, %rdx
    mov %esi, %eax
    shr $32, %rdx
skerry_xrstor_fault:
    xrstor64 (%rdi)
    mov $1, %eax
    ret
skerry_xrstor_landing:
    xor %eax, %eax
    ret

    // Non-maskable: a flag, and back. Trusts and touches nothing else.
nmi_entry:
    movl $1, skerry_nmi_seen
    iretq
machine_check_entry:
    mov $skerry_machine_check_text, %rdi
    jmp skerry_fatal
double_fault_entry:
    mov $skerry_double_fault_text, %rdi
    jmp skerry_fatal

    .altmacro
.macro vector_entry vector
vector_\vector:
    .if (\vector == 8) || (\vector >= 10 && \vector <= 14) || (\vector == 17) || (\vector == 21) || (\vector == 29) || (\vector == 30)
    .else
    pushq $0
    .endif
    pushq $\vector
    jmp common_trap
.endm
    .set i, 0
    .rept 256
    vector_entry %i
    .set i, i + 1
    .endr

    .section .rodata
.macro address vector
    .if \vector == 2
    .quad nmi_entry
    .elseif \vector == 8
    .quad double_fault_entry
    .elseif \vector == 18
    .quad machine_check_entry
    .elseif \vector == 0xe1
    .quad poke_entry
    .else
    .quad vector_\vector
    .endif
.endm
    .balign 8
    .global skerry_vectors
skerry_vectors:
    .set i, 0
    .rept 256
    address %i
    .set i, i + 1
    .endr
    // An XSAVE image whose header says that every component is in its initial state. MXCSR at its reset value.
    // Read only, and beside the code that loads it.
    .section .text.clean, "a"
    .balign 64
    .global skerry_clean_extended
skerry_clean_extended:
    .skip 24
    .long 0x1f80, 0
    .skip 512 - 32
    .skip 64                        // components in their initial state are not read

    .section .bss.hot, "aw", @nobits
    .balign 64
    .global skerry_registers
skerry_registers:
    .skip 160
    .global skerry_nmi_seen
skerry_nmi_seen: .skip 4
    .section .note.GNU-stack, "", @progbits
