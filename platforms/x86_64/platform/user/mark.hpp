// Marks in a program's path for a plugin of QEMU's (test/traffic, test/instructions): instructions that do nothing, whoever runs them.
//
//   mark<Mark::series>()                        what follows is measured together
//   mark<Mark::begin>(); ... mark<Mark::end>()  one sample, on one core
//   mark<Mark::turn>()                          ends a sample and begins the next
//   mark<Mark::look>()                          a poll loop looks whether there is something to do
//   mark<Mark::found>()                         there was, and it is done; without it, nothing was found until the next look
#pragma once

#include <cstdint>

namespace skerry::platform {

// The displacement of a long NOP: 0f 1f 84 00, then these four bytes.
enum class Mark : int32_t { series = 0x536b'7901, begin, end, turn, look, found };

template <Mark Which>
inline void mark() {
    asm volatile("nopl %c0(%%rax,%%rax,1)" ::"i"(static_cast<int32_t>(Which)) : "memory");
}

}  // namespace skerry::platform
