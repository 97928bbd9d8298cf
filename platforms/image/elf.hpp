// Static ELF64 programs and CPU drivers, read from memory. Everything is checked before anything is returned,
// and what is returned was copied out of the headers: a file that changes later cannot move a segment.
//
//     file    | ELF header | program headers | .text bytes | .data bytes | ... sections, symbols
//     memory                                 | r-x pages   | rw- pages  + zeros |
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "platforms/base/bounded.hpp"
#include "platforms/base/bytes.hpp"
#include "platforms/base/ids.hpp"
#include "platforms/base/result.hpp"

namespace skerry::image {

using base::Bounded;
using base::Bytes;

enum class ElfProblem : uint8_t {
    none,
    not_elf,              // no ELF magic                                              wrong_type
    wrong_format,         // not 64-bit little-endian version 1                        unsupported
    wrong_machine,        // another ISA                                               unsupported
    not_static,           // needs a dynamic linker or relocation                      unsupported
    truncated,            // the file ends inside a header, a table or a segment       corrupt
    bad_header,           // a header contradicts itself or the format                 corrupt
    too_many_segments,    // more than elf_segments_maximum                            full
    no_segments,          // nothing to load                                           not_found
    misaligned,           // file offset and address differ modulo the alignment       misaligned
    segments_overlap,     // overlapping, out of order, or two in one page             overlaps
    write_and_execute,    // a segment that is writable and executable                 refused
    outside_range,        // a segment outside the addresses that the caller allows    out_of_range
    entry_not_executable  // the entry point is in no executable segment               invalid_argument
};
const char* text(ElfProblem problem);   // one line, for messages
base::Error error(ElfProblem problem);  // as listed above

constexpr uint16_t elf_machine_x86_64 = 62;
constexpr uint16_t elf_machine_aarch64 = 183;
constexpr uint16_t elf_machine_riscv = 243;
constexpr uint32_t elf_segments_maximum = 12;  // loadable ones

// What the caller accepts. The range includes `last`, so that the top of the address space can be said.
struct ElfRules {
    uint16_t machine;
    base::VirtAddr lowest;
    base::VirtAddr last;
};

struct ElfSegment {
    base::VirtAddr address;
    base::PhysAddr load_address;          // p_paddr; a copied CPU driver ignores it
    std::span<const std::byte> contents;  // the first bytes; those from here to memory_size are zero
    uint64_t memory_size = 0;             // bytes, > 0
    bool readable = false;
    bool writable = false;
    bool executable = false;

    base::VirtAddr last() const { return address + (memory_size - 1); }  // never wraps
    bool contains(base::VirtAddr where) const { return where >= address && where <= last(); }
};

struct ElfTls {  // the initial image of thread-local storage; lies inside a segment
    base::VirtAddr address;
    std::span<const std::byte> contents;
    uint64_t memory_size = 0;  // bytes, >= contents.size()
    uint64_t alignment = 1;    // a power of two
};

struct Elf {
    base::VirtAddr entry;
    Bounded<ElfSegment, elf_segments_maximum> segments;  // ascending addresses, no page in two of them
    std::optional<ElfTls> tls;
};

// Errors: error(problem). `problem` (may be null) is set to what was wrong, or none. Bounded by the header
// count (64).
base::Result<Elf> parse_elf(std::span<const std::byte> file, const ElfRules& rules, ElfProblem* problem = nullptr);

// The value of a defined symbol, for tools and tests: linear in the symbol table. The file must have passed
// parse_elf. Errors: not_found (also when stripped), corrupt (broken section or symbol tables).
base::Result<base::VirtAddr> find_elf_symbol(std::span<const std::byte> file, std::string_view name);

}  // namespace skerry::image
