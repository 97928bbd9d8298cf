// Which bits of an APIC id name the package. Source: Intel SDM volume 2, CPUID leaves 0x1F and 0x0B; AMD APM volume 3,
// leaf 0x8000_0008.
#pragma once

#include <cstdint>

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

}  // namespace skerry::platform
