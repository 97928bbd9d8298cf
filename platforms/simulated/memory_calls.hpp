// Included before everything else in instrumented code (meson.build): what copies or fills memory is a call that
// reports, never an expansion of the compiler's, which -fsanitize=thread does not instrument.
#pragma once

#include <cstddef>

extern "C" {
void* memcpy(void* to, const void* from, size_t bytes) noexcept __asm__("skerry_seen_memcpy");
void* memmove(void* to, const void* from, size_t bytes) noexcept __asm__("skerry_seen_memmove");
void* memset(void* to, int value, size_t bytes) noexcept __asm__("skerry_seen_memset");
}
#define __builtin_memcpy(...) memcpy(__VA_ARGS__)
#define __builtin_memmove(...) memmove(__VA_ARGS__)
#define __builtin_memset(...) memset(__VA_ARGS__)
