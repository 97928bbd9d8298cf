// What the machine alone asks for one way between two address spaces, and nothing else:
//   RDTSC, SYSCALL | XSAVE, CR3, XRSTOR, first touches | SYSRET | first touches, RDTSC
// No capability, dispatcher, check, schedule or trace. rdi tells the entry which way; main.cpp fills the words below.
#include "layout.h"

    .text
    .macro touch_pages first, count     // a load from each page; spends \first and \count
    test \count, \count
    jz 2f
1:  cmpb $0, (\first)
    add $4096, \first
    dec \count
    jnz 1b
2:
    .endm

    .macro call_pages first, count      // a fetch from each page
    test \count, \count
    jz 2f
1:  call *\first
    add $4096, \first
    dec \count
    jnz 1b
2:
    .endm

    .balign 64
    .global skerry_bare_entry
skerry_bare_entry:
    test %edi, %edi
    jnz back
    mov skerry_bare_mask, %eax
    xor %edx, %edx
    xsave64 skerry_bare_area
    mov skerry_bare_receiver_root, %rcx
    mov %rcx, %cr3
    xrstor64 skerry_clean_extended
    mov $kernel_stack_top, %rsp
    mov $skerry_bare_data_pages, %rbx
    mov skerry_bare_kernel_data, %ecx
    touch_pages %rbx, %ecx
    mov $skerry_bare_code_pages, %rbx
    mov skerry_bare_kernel_code, %ecx
    call_pages %rbx, %ecx
    mov skerry_bare_user_data, %r9d
    mov skerry_bare_user_code, %r10d
    mov $RECEIVER, %ecx
    mov $0x202, %r11d
    mov $STACK_TOP, %esp
    sysretq

    // The receiver's low half of the counter is in eax, the sender's in r8.
back:
    mov $kernel_stack_top, %rsp
    push %r12                           // the sender's instruction
    mov %eax, %edi
    sub %r8d, %edi
    call skerry_bare_sample
    pop %rcx
    mov skerry_bare_sender_root, %rax
    mov %rax, %cr3
    mov skerry_bare_mask, %eax
    xor %edx, %edx
    xrstor64 skerry_bare_area
    xor %edi, %edi
    mov $0x202, %r11d
    mov $STACK_TOP, %esp
    sysretq

    .global skerry_bare_fill            // all vector registers are in use afterwards (AVX is on)
skerry_bare_fill:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vcmptrueps %ymm\n, %ymm\n, %ymm\n
    .endr
    ret

    .global skerry_bare_start           // (): into the sender, for good
skerry_bare_start:
    mov skerry_bare_sender_root, %rax
    mov %rax, %cr3
    xor %edi, %edi
    mov $SENDER, %ecx
    mov $0x202, %r11d
    mov $STACK_TOP, %esp
    sysretq

    // User mode; copied to where it runs.
    .global skerry_bare_sender_code, skerry_bare_receiver_code, skerry_bare_user_end
skerry_bare_sender_code:
    lea (%rip), %r12
    rdtsc
    mov %eax, %r8d
    syscall
skerry_bare_receiver_code:
    push %rax                           // the stack's page
    mov $USER_DATA, %ebx
    touch_pages %rbx, %r9d
    mov $USER_CODE, %ebx
    call_pages %rbx, %r10d
    rdtsc
    mov $1, %edi
    syscall
skerry_bare_user_end:

    // Code pages of the kernel to touch: a return each.
    .balign 4096
    .global skerry_bare_code_pages
skerry_bare_code_pages:
    .rept 4
    ret
    .balign 4096
    .endr

    .bss
    .balign 4096
    .global skerry_bare_area, skerry_bare_data_pages
skerry_bare_area:
    .skip 4096
skerry_bare_data_pages:
    .skip 8 * 4096
    .section .note.GNU-stack, "", @progbits
