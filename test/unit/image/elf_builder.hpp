// Builds ELF files by hand, right ones and wrong ones.
#pragma once

#include "platforms/image/elf.hpp"
#include "test/unit/image/hostile.hpp"

namespace skerry::test {

struct Program {  // one program header and the bytes of its segment
    uint32_t type = 1;
    uint32_t flags = 5;
    uint64_t address = 0;
    std::vector<std::byte> contents;
    uint64_t memory_size = 0;
    uint64_t alignment = 4096;
    uint64_t offset = 0;  // set by build()
};

constexpr uint32_t read_only = 4, read_execute = 5, read_write = 6;

inline std::vector<std::byte> filled(size_t size, uint8_t value) {
    return std::vector(size, std::byte{value});
}

inline Writer build_elf(std::vector<Program>& programs, uint64_t entry) {
    Writer out;
    out.put(0x464c457fu).put(uint8_t{2}).put(uint8_t{1}).put(uint8_t{1}).fill_to(16);
    out.put(uint16_t{2}).put(image::elf_machine_x86_64).put(1u).put(entry).put(uint64_t{64}).put(uint64_t{0});
    out.put(0u).put(uint16_t{64}).put(uint16_t{56}).put(static_cast<uint16_t>(programs.size()));
    out.fill_to(64 + programs.size() * 56);
    for (size_t i = 0; i < programs.size(); ++i) {
        Program& program = programs[i];
        // The next offset that is congruent to the address.
        while (program.alignment > 1 && (out.size() - program.address) % program.alignment != 0) {
            out.put(uint8_t{0});
        }
        program.offset = out.size();
        size_t at = 64 + i * 56;
        out.set(at, program.type).set(at + 4, program.flags).set(at + 8, program.offset);
        out.set(at + 16, program.address).set(at + 24, program.address);
        out.set(at + 32, uint64_t{program.contents.size()}).set(at + 40, program.memory_size);
        out.set(at + 48, program.alignment);
        out.append(program.contents);
    }
    return out;
}

// Text, data with bss, thread-local storage.
inline std::vector<Program> good_programs() {
    return {{.flags = read_execute, .address = 0x400000, .contents = filled(300, 0x90), .memory_size = 300},
            {.flags = read_write, .address = 0x402000, .contents = filled(80, 7), .memory_size = 5000},
            {.type = 7,
             .flags = read_only,
             .address = 0x402010,
             .contents = filled(16, 7),
             .memory_size = 48,
             .alignment = 16}};
}

inline constexpr image::ElfRules user_rules{image::elf_machine_x86_64, base::VirtAddr{0x10000},
                                            base::VirtAddr{0x7fff'ffff'ffff}};

}  // namespace skerry::test
