// The first instructions of a started core: real mode at the start frame's page 0, position found from CS. Only
// copied, never run in place.
    .section .rodata
    .code16
    .global skerry_core_start_code, skerry_core_start_code_end
skerry_core_start_code:
    cli
    cld
    mov %cs, %ax
    mov %ax, %ds
    xor %ebx, %ebx
    mov %ax, %bx
    shl $4, %ebx                    // physical base of the frame
    lgdtl 0xf20
    mov 0xf00, %edi                 // root table
    mov %cr0, %eax
    or $1, %eax
    mov %eax, %cr0
    // Far jump to 32-bit code at base + offset: through memory, since the base is not known here.
    ljmpl *0xf18

    .code32
core_start_32:
    mov $0x10, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    mov %cr4, %eax
    or $0x20, %eax
    mov %eax, %cr4
    mov %edi, %cr3
    mov $0xc0000080, %ecx
    rdmsr
    or $0x901, %eax                 // SYSCALL, long mode, no-execute
    wrmsr
    mov %cr0, %eax
    or $0x80000001, %eax
    and $0x9fffffff, %eax           // caches on: they are off after INIT
    mov %eax, %cr0
    ljmp *0xf30(%ebx)

    .code64
core_start_64:
    mov %ebx, %ebx
    xor %eax, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov %eax, %fs
    mov %eax, %gs
    mov 0xf08(%rbx), %rax
    jmp *%rax
skerry_core_start_code_end:

    .global skerry_core_start_offset_32, skerry_core_start_offset_64
skerry_core_start_offset_32:
    .long core_start_32 - skerry_core_start_code
skerry_core_start_offset_64:
    .long core_start_64 - skerry_core_start_code
    .section .note.GNU-stack, "", @progbits
