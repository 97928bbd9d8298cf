// From the boot loader to C++. Two ways in:
//   skerry_multiboot_entry  the core that boots: 32-bit protected mode, paging off (multiboot2 specification 3.1)
//   skerry_core_entry       every other core: 64-bit mode at the link address, on the starter's temporary tables
// Both end in skerry_boot_core() or skerry_start_core() on this image's own stack.

#define IMAGE_BASE 0xffffffff80000000
#define LOAD_BASE  0x200000
#define PHYS(x)    ((x) - IMAGE_BASE + LOAD_BASE)

    // The boot record: magic, then the entry for cores that a monitor starts (capabilities/interface/boot_record.hpp).
    .section .boot_record, "aw"
    .balign 4096
    .global skerry_boot_record
skerry_boot_record:
    .quad 0, skerry_core_entry
    .skip 4096 - 16

    .section .multiboot, "a"
    .balign 8
multiboot_header:
    .long 0xe85250d6, 0, multiboot_end - multiboot_header
    .long -(0xe85250d6 + 0 + (multiboot_end - multiboot_header))
    .balign 8                       // information that must be there: command line 1, modules 3, memory map 6
    .short 1, 0
    .long 20, 1, 3, 6
    .balign 8                       // modules on page borders
    .short 6, 0
    .long 8
    .balign 8                       // entry: the physical address of the 32-bit code
    .short 3, 0
    .long 12, PHYS(skerry_multiboot_entry)
    .balign 8
    .short 0, 0
    .long 8
multiboot_end:

    .section .boot.text, "ax"
    .code32
    .global skerry_multiboot_entry
skerry_multiboot_entry:
    cli
    cld
    mov %eax, %ebp                  // magic
    mov %ebx, %esi                  // information block
    // Long mode, or one line and stop: there is no C++ to print it yet.
    mov $0x80000000, %eax
    cpuid
    cmp $0x80000001, %eax
    jb no_long_mode
    mov $0x80000001, %eax
    cpuid
    test $(1 << 29), %edx
    jz no_long_mode
    test $(1 << 20), %edx
    jz no_no_execute
    // Temporary tables: the first 4 GiB at 0 and at the alias, the image's 2 MiB at its link address.
    mov $PHYS(early_low + 7), %eax
    mov %eax, PHYS(early_root)
    mov %eax, PHYS(early_root + 8 * 256)
    mov $PHYS(early_high + 7), %eax
    mov %eax, PHYS(early_root + 8 * 511)
    mov $PHYS(early_image + 7), %eax
    mov %eax, PHYS(early_high + 8 * 510)
    movl $(LOAD_BASE + 0x83), PHYS(early_image)
    mov $PHYS(early_directory), %edi
    mov $0x83, %eax
    mov $2048, %ecx
1:  mov %eax, (%edi)
    movl $0, 4(%edi)
    add $0x200000, %eax
    add $8, %edi
    loop 1b
    mov $PHYS(early_directory + 7), %eax
    mov $PHYS(early_low), %edi
    mov $4, %ecx
2:  mov %eax, (%edi)
    add $0x1000, %eax
    add $8, %edi
    loop 2b
    mov %cr4, %eax
    or $0x20, %eax                  // PAE
    mov %eax, %cr4
    mov $PHYS(early_root), %eax
    mov %eax, %cr3
    mov $0xc0000080, %ecx
    rdmsr
    or $0x901, %eax                 // SYSCALL, long mode, no-execute
    wrmsr
    mov %cr0, %eax
    or $0x80000001, %eax
    mov %eax, %cr0
    lgdt PHYS(early_gdt_pointer)
    ljmp $0x08, $PHYS(long_mode)

no_no_execute:
    mov $PHYS(no_no_execute_text), %esi
    jmp 3f
no_long_mode:
    mov $PHYS(no_long_mode_text), %esi
3:  lodsb
    test %al, %al
    jz 4f
    mov $0x3f8, %dx
    out %al, %dx
    jmp 3b
4:  mov $0x3e, %al
    mov $0xf4, %dx
    out %al, %dx
5:  hlt
    jmp 5b

    .code64
long_mode:
    mov $kernel_stack_top, %rsp
    mov $6f, %rax
    jmp *%rax
6:  xor %eax, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov %eax, %fs
    mov %eax, %gs
    mov %ebp, %edi
    mov %esi, %esi
    call skerry_boot_core
7:  hlt
    jmp 7b

    .balign 8
early_gdt:
    .quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff
early_gdt_pointer:
    .short 23
    .long PHYS(early_gdt), 0
no_long_mode_text:
    .asciz "\r\npanic: core 0: this CPU has no 64-bit mode\r\n"

no_no_execute_text:
    .asciz "\r\npanic: core 0: this CPU lacks no-execute pages\r\n"

    .text
    .global skerry_core_entry
skerry_core_entry:
    mov $kernel_stack_top, %rsp
    xor %ebp, %ebp
    call skerry_start_core
8:  hlt
    jmp 8b

    // Used only until the core's own tables stand, by the core that boots; zeroed memory afterwards.
    .section .bss.early, "aw", @nobits
    .balign 4096
early_root:      .skip 4096
early_low:       .skip 4096
early_high:      .skip 4096
early_image:     .skip 4096
early_directory: .skip 4 * 4096

    .section .bss.stack, "aw", @nobits
    .balign 4096
    .global kernel_stack_guard      // never mapped: an overflow is a double fault, on a stack of its own
kernel_stack_guard:
    .skip 4096
    .skip 16384 - 2048              // the last page's other half is for .bss.hot (cpudriver.ld)
    .global kernel_stack_top
kernel_stack_top:

    .section .bss
    .balign 4096
    .skip 4096
    .global nmi_stack_top
nmi_stack_top:
    .skip 4096
    .global machine_check_stack_top
machine_check_stack_top:
    .skip 4096
    .global double_fault_stack_top
double_fault_stack_top:
    .section .note.GNU-stack, "", @progbits
