// CPU features: what Skerry needs, and what it turns on where CPUID offers it. Every control bit is checked first:
// setting one that CPUID lacks faults on hardware and hangs in emulation.
#include "platform/machine.hpp"
#include "platform/page_table.hpp"

extern "C" {
bool skerry_xrstor(const void* area, uint64_t mask);
}

namespace skerry::platform {
namespace {

constexpr uint64_t cr4_tsd = 1 << 2, cr4_pge = 1 << 7, cr4_fxsr = 1 << 9, cr4_xmm = 1 << 10, cr4_umip = 1 << 11,
                   cr4_fsgsbase = 1 << 16, cr4_osxsave = 1 << 18, cr4_smep = 1 << 20, cr4_smap = 1 << 21;
constexpr uint64_t room_for_extended = 3328;  // in a save area

}  // namespace

const char* Machine::enable_features() {
    CpuidResult basic = cpuid(1), extended = cpuid(7), amd = cpuid(0x80000001);
    if (!(amd.d & (1u << 11))) return "this CPU lacks SYSCALL";
    if (!(amd.d & (1u << 20))) return "this CPU lacks no-execute pages";
    if (!(basic.c & (1u << 26))) return "this CPU lacks XSAVE";
    if (!(extended.b & 1)) return "this CPU lacks FSGSBASE";
    if (!(basic.d & (1u << 9))) return "this CPU lacks a local APIC";
    if (read_msr(0x1b) & (1u << 10)) return "the firmware left the local APIC in x2APIC mode, which is not supported";

    if (!(basic.d & (1u << 16))) return "this CPU lacks the page attribute table";
    constexpr uint32_t msr_page_attributes = 0x277;
    write_msr(msr_page_attributes, PageTable::attribute_table);

    uint64_t cr4 = read_cr4() | cr4_pge | cr4_fxsr | cr4_xmm | cr4_fsgsbase | cr4_osxsave;
    cr4 &= ~cr4_tsd;
    if (extended.b & (1u << 7)) cr4 |= cr4_smep;
    if (extended.b & (1u << 20)) cr4 |= cr4_smap;
    if (extended.c & (1u << 2)) cr4 |= cr4_umip;
    write_cr4(cr4);
    constexpr uint64_t em = 1 << 2, ts = 1 << 3, mp = 1 << 1, ne = 1 << 5, write_protect = 1 << 16;
    write_cr0((read_cr0() & ~(em | ts)) | mp | ne | write_protect);

    // Every component that the CPU offers and a save area can hold: x87 and SSE always, then the rest in order.
    CpuidResult offered = cpuid(0xd, 0);
    uint64_t all = uint64_t{offered.d} << 32 | offered.a;
    extended_mask_ = all;
    write_xcr0(all);
    extended_size_ = cpuid(0xd, 0).b;
    if (extended_size_ > room_for_extended) {
        extended_mask_ = all & 0xff;  // without the large matrix state
        write_xcr0(extended_mask_);
        extended_size_ = cpuid(0xd, 0).b;
    }
    return extended_size_ <= room_for_extended ? nullptr : "this CPU's vector state does not fit a save area";
}

bool Machine::restore_extended(const void* area) {
    return skerry_xrstor(area, extended_mask_);
}

}  // namespace skerry::platform
