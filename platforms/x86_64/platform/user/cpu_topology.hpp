// Which bits of an APIC id name the package, and which caches there are. Source: Intel SDM volume 2, CPUID leaves 0x1F and 0x0B; AMD APM volume 3,
// leaf 0x8000_0008.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "platform/instructions.hpp"

namespace skerry::platform {

// Package = APIC id >> this.
inline uint32_t package_shift() {
    for (uint32_t leaf : {0x1fu, 0x0bu}) {
        if (cpuid(0).a < leaf) continue;
        uint32_t shift = 0;
        bool valid = false;
        for (uint32_t level = 0; level < 8; level++) {
            CpuidResult r = cpuid(leaf, level);
            if ((r.c >> 8 & 0xff) == 0) break;  // no such level
            shift = r.a & 31;                   // the last level is the package's
            valid = true;
        }
        if (valid) return shift;
    }
    CpuidResult basic = cpuid(1);
    if ((basic.d & (1u << 28)) == 0) return 0;  // one core a package
    uint32_t logical = basic.b >> 16 & 0xff, shift = 0;
    while ((1u << shift) < logical) shift++;
    return shift;
}

// The data or unified cache `index` of this core; false: there is no more. Source: Intel SDM volume 2, CPUID leaf 4;
// AMD APM volume 3, leaf 0x8000_001D, which has the same layout, or 0x8000_0005 and 6, which do not say who shares.
struct CpuCache {
    uint32_t level = 0;
    uint64_t bytes = 0;
    uint32_t line = 0;
    uint32_t shift = 0;  // cores whose APIC ids >> this are equal share it
};
inline bool cpu_cache_without_sharing(uint32_t index, CpuCache& cache) {
    if (index > 2 || cpuid(0x8000'0000).a < 0x8000'0006) return false;
    CpuidResult first = cpuid(0x8000'0005), rest = cpuid(0x8000'0006);
    if (index == 0) cache = {.level = 1, .bytes = uint64_t{first.c >> 24} << 10, .line = first.c & 0xff, .shift = 0};
    if (index == 1) cache = {.level = 2, .bytes = uint64_t{rest.c >> 16} << 10, .line = rest.c & 0xff, .shift = 0};
    if (index == 2) {  // in halves of a MiB; a package's
        cache = {.level = 3, .bytes = uint64_t{rest.d >> 18} << 19, .line = rest.d & 0xff, .shift = package_shift()};
    }
    return cache.bytes != 0;
}
inline bool cpu_cache(uint32_t index, CpuCache& cache) {
    constexpr uint32_t data = 1, unified = 3, most = 16;
    auto known = [](uint32_t leaf) {
        bool extended = (leaf & 0x8000'0000) != 0;
        return cpuid(extended ? 0x8000'0000 : 0).a >= leaf && (cpuid(leaf).a & 31) != 0;
    };
    uint32_t leaf = known(4) ? 4 : 0x8000'001d;
    if (!known(leaf)) return cpu_cache_without_sharing(index, cache);
    for (uint32_t i = 0; i < most; i++) {
        CpuidResult r = cpuid(leaf, i);
        uint32_t type = r.a & 31;
        if (type == 0) return false;
        if ((type != data && type != unified) || index-- != 0) continue;
        cache = {.level = r.a >> 5 & 7, .bytes = 0, .line = (r.b & 0xfff) + 1, .shift = 0};
        cache.bytes = uint64_t{(r.b >> 22) + 1} * ((r.b >> 12 & 0x3ff) + 1) * cache.line * (uint64_t{r.c} + 1);
        for (uint32_t sharers = (r.a >> 14 & 0xfff) + 1; (1u << cache.shift) < sharers;) cache.shift++;
        return true;
    }
    return false;
}

// An emulator's processor: what it takes says nothing about a machine. Source: its leaf 0x4000_0000, "TCGTCGTCGTCG".
inline bool emulated() {
    if ((cpuid(1).c >> 31) == 0) return false;
    CpuidResult r = cpuid(0x4000'0000);
    constexpr uint32_t tcgt = 0x54474354, cgtc = 0x43544743, gtcg = 0x47435447;
    return r.b == tcgt && r.c == cgtc && r.d == gtcg;
}

}  // namespace skerry::platform
