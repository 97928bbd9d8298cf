# Measured code for benchmarks (platform/user/measure.hpp). Needs AVX2, else the vector parts are left out.
#include "platform/user/layout.h"

    .text

# uint64_t skerry_measure_loop(uint64_t rounds)
    .globl skerry_measure_loop
    .type skerry_measure_loop, @function
skerry_measure_loop:
    rdtsc
    shl $32, %rdx
    or %rdx, %rax
    mov %rax, %r8
1:  dec %rdi
    jnz 1b
    rdtsc
    shl $32, %rdx
    or %rdx, %rax
    sub %r8, %rax
    ret
    .size skerry_measure_loop, . - skerry_measure_loop

# Carry clear if this CPU has AVX2. Spends rax, rcx; rbx and rdx are kept.
have_avx2:
    push %rbx
    push %rdx
    mov $7, %eax
    xor %ecx, %ecx
    cpuid
    bt $5, %ebx
    cmc
    pop %rdx
    pop %rbx
    ret

.macro fill_vectors value
    vmovq \value, %xmm0
    vpbroadcastq %xmm0, %ymm0
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vmovdqa %ymm0, %ymm\n
    .endr
.endm

.macro compare n                   # counts in rcx if the register is not zero
    vptest %ymm\n, %ymm\n
    jz 1f
    inc %rcx
1:
.endm

# void skerry_measure_fill(uint64_t value)
    .globl skerry_measure_fill
    .type skerry_measure_fill, @function
skerry_measure_fill:
    call have_avx2
    jc 1f
    fill_vectors %rdi
1:  ret
    .size skerry_measure_fill, . - skerry_measure_fill

# uint64_t skerry_measure_send(uint64_t endpoint, uint64_t header, uint64_t value)
    .globl skerry_measure_send
    .type skerry_measure_send, @function
skerry_measure_send:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    push %rdx
    mov %rdx, %r9
    call have_avx2
    sbb %rax, %rax                 # -1: no AVX2
    push %rax
    jc 1f
    fill_vectors %r9
1:  movabs $SKERRY_CALL_SEND, %r8
    rdtsc
    xchg %rax, %r8                 # call number into place, the counter's low half into word 1
    syscall
    pop %rcx
    pop %r9
    test %rcx, %rcx
    jnz 3f
    xor %ecx, %ecx
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vpxor %ymm0, %ymm\n, %ymm\n
    compare \n
    .endr
    vmovq %r9, %xmm1               # all equal register 0; is that what it was?
    vpbroadcastq %xmm1, %ymm1
    vpxor %ymm1, %ymm0, %ymm0
    compare 0
    shl $32, %rcx
    or %rcx, %rax
3:  pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
    .size skerry_measure_send, . - skerry_measure_send

# The message upcall of a measured receiver.
    .globl skerry_entry_measured
    .type skerry_entry_measured, @function
skerry_entry_measured:
    rdtsc
    shl $32, %rdx
    or %rdx, %rax
    mov %rax, %r11
    call have_avx2
    mov $0, %edx
    jc 2f
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vptest %ymm\n, %ymm\n
    jnz 1f
    .endr
    jmp 2f
1:  mov $1, %edx
2:  mov %r11, %rax
    jmp skerry_entry_message
    .size skerry_entry_measured, . - skerry_entry_measured

    .section .note.GNU-stack, "", @progbits
