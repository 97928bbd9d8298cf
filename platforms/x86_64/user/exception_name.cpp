#include "platform/user/exception_name.hpp"

namespace skerry::platform {

const char* exception_name(uint32_t vector) {
    constexpr const char* names[] = {"divide error",
                                     "debug exception",
                                     "non-maskable interrupt",
                                     "breakpoint",
                                     "overflow",
                                     "bound exceeded",
                                     "invalid opcode",
                                     "no FPU",
                                     "double fault",
                                     "FPU overrun",
                                     "invalid TSS",
                                     "segment absent",
                                     "stack segment fault",
                                     "general protection fault",
                                     "page fault",
                                     "reserved exception",
                                     "floating-point error",
                                     "alignment check",
                                     "machine check",
                                     "SIMD floating-point error"};
    return vector < sizeof(names) / sizeof(names[0]) ? names[vector] : "unknown exception";
}

}  // namespace skerry::platform
