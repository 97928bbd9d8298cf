// What the compiler expects to find: memory functions, and the library's own assertion.
#include <cstddef>
#include <cstdint>

#include "trap/panic.hpp"

extern "C" {
// By words of 8 bytes, then what is left: an emulator takes a step for each.
void* memcpy(void* to, const void* from, size_t count) {
    void* result = to;
    size_t words = count / 8, rest = count % 8;
    asm volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words)::"memory");
    asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(rest)::"memory");
    return result;
}
void* memset(void* to, int value, size_t count) {
    void* result = to;
    size_t words = count / 8, rest = count % 8;
    uint64_t bytes = uint64_t{0x0101010101010101} * static_cast<unsigned char>(value);
    asm volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(bytes) : "memory");
    asm volatile("rep stosb" : "+D"(to), "+c"(rest) : "a"(bytes) : "memory");
    return result;
}
void* memmove(void* to, const void* from, size_t count) {
    if (reinterpret_cast<uintptr_t>(to) - reinterpret_cast<uintptr_t>(from) >= count) return memcpy(to, from, count);
    auto* end = static_cast<char*>(to) + count - 1;
    auto* source = static_cast<const char*>(from) + count - 1;
    asm volatile("std; rep movsb; cld" : "+D"(end), "+S"(source), "+c"(count)::"memory");
    return to;
}
int memcmp(const void* a, const void* b, size_t count) {
    auto* x = static_cast<const unsigned char*>(a);
    auto* y = static_cast<const unsigned char*>(b);
    for (size_t i = 0; i < count; i++) {
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    }
    return 0;
}
void* memchr(const void* in, int value, size_t count) {
    auto* x = static_cast<const unsigned char*>(in);
    for (size_t i = 0; i < count; i++) {
        if (x[i] == static_cast<unsigned char>(value)) return const_cast<unsigned char*>(x + i);
    }
    return nullptr;
}
size_t strlen(const char* text) {
    size_t length = 0;
    while (text[length] != 0) length++;
    return length;
}
[[noreturn]] void abort() {
    skerry::platform::panic("abort");
}
}

namespace std {
[[noreturn]] void __glibcxx_assert_fail(const char*, int, const char*, const char* condition) {
    skerry::platform::panic(condition);
}
[[noreturn]] void __throw_out_of_range_fmt(const char* text, ...) {
    skerry::platform::panic(text);
}
}  // namespace std

extern "C" [[noreturn]] void __cxa_pure_virtual() {
    skerry::platform::panic("pure virtual call");
}
