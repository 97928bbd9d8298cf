#include <cstring>

#include "platform/user/trial.hpp"

namespace skerry::platform {
namespace {

struct alignas(64) Image {  // registers.S knows the layout
    uint64_t general[16];
    uint64_t fs_base, gs_base;
    uint32_t mxcsr;
    uint16_t control;
    alignas(64) uint64_t vector[16][4];
};
static_assert(offsetof(Image, vector) == 192 && sizeof(Image) == 704);

constexpr const char* names[16] = {"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp",
                                   "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
constexpr const char* vector_names[16] = {"vector 0",  "vector 1",  "vector 2",  "vector 3", "vector 4",  "vector 5",
                                          "vector 6",  "vector 7",  "vector 8",  "vector 9", "vector 10", "vector 11",
                                          "vector 12", "vector 13", "vector 14", "vector 15"};
enum { rax = 0, rcx = 2, r11 = 11 };

}  // namespace

extern "C" {
extern Image skerry_filled, skerry_found;
extern char skerry_after_foreign_call[];
void skerry_fill_and_wait(uint32_t meanwhile, uint64_t turns, bool own_base, bool wide);
}

namespace {

void fill(uint64_t seed) {
    auto next = [&] {  // Knuth's multiplier: values that have no byte in common
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        return seed;
    };
    std::memset(&skerry_filled, 0, sizeof skerry_filled);
    for (uint64_t& word : skerry_filled.general) word = next();
    constexpr uint64_t canonical = (uint64_t{1} << 46) - 1;
    skerry_filled.general[7] &= canonical;
    skerry_filled.fs_base = next() & canonical;
    skerry_filled.gs_base = next() & canonical;
    skerry_filled.mxcsr = 0x7f80;    // rounds to zero, exceptions masked
    skerry_filled.control = 0x0f7f;  // the same for x87
    for (auto& vector : skerry_filled.vector) {
        for (uint64_t& word : vector) word = next();
    }
}

const char* compare(bool call, bool own_base, bool wide) {
    for (uint32_t i = 0; i < 16; i++) {
        if (call && (i == rcx || i == r11)) continue;  // SYSCALL spends them
        if (skerry_filled.general[i] != skerry_found.general[i]) return names[i];
    }
    if (skerry_filled.fs_base != skerry_found.fs_base) return "FS base";
    if (own_base && skerry_filled.gs_base != skerry_found.gs_base) return "GS base";
    if (skerry_filled.mxcsr != skerry_found.mxcsr) return "MXCSR";
    if (skerry_filled.control != skerry_found.control) return "x87 control";
    for (uint32_t i = 0; i < 16; i++) {
        size_t bytes = wide ? 32 : 16;
        if (std::memcmp(skerry_filled.vector[i], skerry_found.vector[i], bytes) != 0) return vector_names[i];
    }
    return nullptr;
}

}  // namespace

const char* changed_register(Meanwhile meanwhile, uint64_t seed, uint64_t turns, bool own_base, bool wide_vectors) {
    fill(seed);
    bool call = meanwhile == Meanwhile::foreign_call;
    if (call) skerry_filled.general[rax] = foreign_number;
    skerry_fill_and_wait(static_cast<uint32_t>(meanwhile), turns, own_base, wide_vectors);
    return compare(call, own_base, wide_vectors);
}

const char* wrong_register(const Registers& registers) {
    const uint64_t* found = &registers.rax;
    for (uint32_t i = 0; i < 16; i++) {
        if (i != rcx && i != r11 && found[i] != skerry_filled.general[i]) return names[i];
    }
    if (registers.rip != reinterpret_cast<uint64_t>(skerry_after_foreign_call)) return "rip";
    if (registers.fs_base != skerry_filled.fs_base) return "FS base";
    return nullptr;
}

bool has_wide_vectors(uint64_t extended_mask) {
    return (extended_mask & 4) != 0;
}

}  // namespace skerry::platform
