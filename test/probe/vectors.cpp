// Control registers, and extended state that a program has spoilt.
#include <cstddef>
#include <cstring>

#include "checks.hpp"
#include "report.hpp"

namespace skerry::probe {
namespace {

// Offsets in an XSAVE image. Source: Intel SDM volume 1, 13.4.
constexpr size_t mxcsr_offset = 24, header = 512;
alignas(64) constinit std::byte image[4096] = {};

void fresh(platform::Machine& machine) {
    std::memset(image, 0, sizeof image);
    machine.clear_extended();
    machine.save_extended(image);
    image[header] |= std::byte{3};  // x87 and SSE state are looked at, whatever the CPU has optimised away
    uint32_t reset = 0x1f80;
    std::memcpy(image + mxcsr_offset, &reset, sizeof reset);
}

// `image` must not be loadable; the fault inside must have been mended.
void refused(platform::Machine& machine, const char* name) {
    bool loaded = machine.restore_extended(image);
    machine.clear_extended();
    check(name, !loaded, "the image was loaded");
}

void load_mxcsr(void* value) {
    asm volatile("ldmxcsr (%0)" ::"r"(value));
}

}  // namespace

void try_control_bits() {
    uint64_t cr0 = platform::read_cr0(), cr4 = platform::read_cr4();
    platform::CpuidResult features = platform::cpuid(7);
    auto set = [&](uint32_t bit) { return (cr4 >> bit & 1) != 0; };
    check("cr0_write_protect", (cr0 >> 16 & 1) != 0, "CR0.WP is clear");
    check("cr4_smep", set(20) == (features.b >> 7 & 1), "CR4.SMEP is not what the CPU offers");
    check("cr4_smap", set(21) == (features.b >> 20 & 1), "CR4.SMAP is not what the CPU offers");
    check("cr4_umip", set(11) == (features.c >> 2 & 1), "CR4.UMIP is not what the CPU offers");
    constexpr uint32_t efer = 0xc0000080;
    check("efer_no_execute", (platform::read_msr(efer) >> 11 & 1) != 0, "EFER.NXE is clear");
}

void try_vector_state(platform::Machine& machine) {
    fresh(machine);
    check("xrstor_sound_image", machine.restore_extended(image), "a sound image was refused");

    fresh(machine);
    image[header + 8] = std::byte{1};  // XCOMP_BV of an image in standard format
    refused(machine, "xrstor_compaction_bits");
    fresh(machine);
    image[header + 15] = std::byte{0x80};  // says that the image is compacted, with nothing in it
    image[header + 14] = std::byte{0x80};
    refused(machine, "xrstor_compacted_unknown");
    fresh(machine);
    image[header + 16] = std::byte{1};
    refused(machine, "xrstor_reserved_header");
    fresh(machine);
    image[header + 7] = std::byte{0x40};  // component 62
    refused(machine, "xrstor_unknown_component");
    fresh(machine);
    check("xrstor_misaligned", !machine.restore_extended(image + 8), "a misaligned image was loaded");

    uint32_t reserved = 0xffff'0000;
    if (attempt(load_mxcsr, &reserved).faulted) {
        fresh(machine);
        std::memcpy(image + mxcsr_offset, &reserved, sizeof reserved);
        refused(machine, "xrstor_mxcsr");
    } else {
        machine.clear_extended();
        left_out("xrstor_mxcsr", "this machine does not check MXCSR");
    }
    fresh(machine);
    check("xrstor_after_refusals", machine.restore_extended(image), "a sound image was refused");
}

}  // namespace skerry::probe
