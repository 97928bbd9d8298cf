// The memory functions that GCC calls of its own accord. Includes no library header that declares them: their
// C++ signatures there differ. Programs only; the CPU driver has its own.
#include <cstddef>
#include <cstdint>

// Else the compiler would turn these loops into calls of themselves.
#pragma GCC optimize("no-tree-loop-distribute-patterns")

namespace {
using Word = uint64_t __attribute__((may_alias));
bool word_aligned(const void* a, const void* b) {
    return ((reinterpret_cast<uintptr_t>(a) | reinterpret_cast<uintptr_t>(b)) & 7) == 0;
}
}  // namespace

extern "C" {

void* memcpy(void* __restrict to, const void* __restrict from, size_t count) {
    auto* t = static_cast<unsigned char*>(to);
    auto* f = static_cast<const unsigned char*>(from);
    if (word_aligned(to, from)) {
        for (; count >= 8; count -= 8, t += 8, f += 8) *reinterpret_cast<Word*>(t) = *reinterpret_cast<const Word*>(f);
    }
    for (; count != 0; --count) *t++ = *f++;
    return to;
}

void* memmove(void* to, const void* from, size_t count) {
    auto* t = static_cast<unsigned char*>(to);
    auto* f = static_cast<const unsigned char*>(from);
    if (t == f || count == 0) return to;
    if (t < f) {
        for (; count != 0; --count) *t++ = *f++;
    } else {
        while (count != 0) {
            --count;
            t[count] = f[count];
        }
    }
    return to;
}

void* memset(void* to, int value, size_t count) {
    auto* t = static_cast<unsigned char*>(to);
    auto byte = static_cast<unsigned char>(value);
    if (word_aligned(to, to)) {
        uint64_t word = byte * uint64_t{0x0101'0101'0101'0101};
        for (; count >= 8; count -= 8, t += 8) *reinterpret_cast<Word*>(t) = word;
    }
    for (; count != 0; --count) *t++ = byte;
    return to;
}

int memcmp(const void* a, const void* b, size_t count) {
    auto* x = static_cast<const unsigned char*>(a);
    auto* y = static_cast<const unsigned char*>(b);
    for (size_t i = 0; i < count; ++i) {
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    }
    return 0;
}

void* memchr(const void* text, int value, size_t count) {
    auto* t = static_cast<const unsigned char*>(text);
    for (size_t i = 0; i < count; ++i) {
        if (t[i] == static_cast<unsigned char>(value)) return const_cast<unsigned char*>(t + i);
    }
    return nullptr;
}

size_t strlen(const char* text) {
    size_t length = 0;
    while (text[length] != '\0') ++length;
    return length;
}
}
