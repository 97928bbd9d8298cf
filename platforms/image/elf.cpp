#include "platforms/image/elf.hpp"

#include "platforms/base/bytes.hpp"

namespace skerry::image {
namespace {

constexpr uint64_t file_header_size = 64;
constexpr uint64_t program_header_size = 56;
constexpr uint32_t program_headers_maximum = 64;

enum ProgramType : uint32_t { program_load = 1, program_dynamic = 2, program_interpreter = 3, program_tls = 7 };
enum ProgramFlags : uint32_t { flag_execute = 1, flag_write = 2, flag_read = 4 };

struct FileHeader {
    uint64_t entry;
    uint64_t table;  // file offset of the program headers
    uint32_t count;
};

struct ProgramHeader {
    uint32_t type, flags;
    uint64_t offset, address, physical, file_size, memory_size, alignment;
};

ElfProblem read_file_header(Bytes file, const ElfRules& rules, FileHeader& header) {
    if (!file.holds(0, 4)) return file.size() == 0 ? ElfProblem::not_elf : ElfProblem::truncated;
    if (file.get<uint32_t>(0) != 0x464c457f) return ElfProblem::not_elf;  // 7f 'E' 'L' 'F'
    if (!file.holds(0, file_header_size)) return ElfProblem::truncated;
    bool is_64 = file.get<uint8_t>(4) == 2, is_little = file.get<uint8_t>(5) == 1;
    bool version_1 = file.get<uint8_t>(6) == 1 && file.get<uint32_t>(20) == 1;
    if (!is_64 || !is_little || !version_1) return ElfProblem::wrong_format;
    if (file.get<uint16_t>(18) != rules.machine) return ElfProblem::wrong_machine;
    if (file.get<uint16_t>(16) != 2) return ElfProblem::not_static;  // ET_EXEC
    header = {file.get<uint64_t>(24), file.get<uint64_t>(32), file.get<uint16_t>(56)};
    if (file.get<uint16_t>(52) < file_header_size) return ElfProblem::bad_header;
    if (header.count == 0) return ElfProblem::no_segments;
    if (file.get<uint16_t>(54) != program_header_size) return ElfProblem::bad_header;
    if (header.count > program_headers_maximum) return ElfProblem::too_many_segments;
    if (!file.holds(header.table, header.count * program_header_size)) return ElfProblem::truncated;
    return ElfProblem::none;
}

ProgramHeader read_program_header(Bytes raw) {
    return {raw.get<uint32_t>(0),  raw.get<uint32_t>(4),  raw.get<uint64_t>(8),  raw.get<uint64_t>(16),
            raw.get<uint64_t>(24), raw.get<uint64_t>(32), raw.get<uint64_t>(40), raw.get<uint64_t>(48)};
}

bool power_of_two(uint64_t value) {
    return value != 0 && (value & (value - 1)) == 0;
}

// What holds for a loaded segment and for the TLS image alike.
ElfProblem check_extent(Bytes file, const ProgramHeader& header) {
    if (header.file_size > header.memory_size) return ElfProblem::bad_header;
    if (!file.holds(header.offset, header.file_size)) return ElfProblem::truncated;
    if (header.memory_size - 1 > UINT64_MAX - header.address) return ElfProblem::outside_range;
    if (header.alignment > 1 && !power_of_two(header.alignment)) return ElfProblem::bad_header;
    return ElfProblem::none;
}

ElfProblem add_segment(Bytes file, const ElfRules& rules, const ProgramHeader& header, Elf& elf) {
    if (header.memory_size == 0) return header.file_size == 0 ? ElfProblem::none : ElfProblem::bad_header;
    if (auto problem = check_extent(file, header); problem != ElfProblem::none) return problem;
    if (header.alignment > 1 && ((header.offset ^ header.address) & (header.alignment - 1)) != 0) {
        return ElfProblem::misaligned;
    }
    ElfSegment segment{.address = base::VirtAddr{header.address},
                       .load_address = base::PhysAddr{header.physical},
                       .contents = file.part(header.offset, header.file_size).span(),
                       .memory_size = header.memory_size,
                       .readable = (header.flags & flag_read) != 0,
                       .writable = (header.flags & flag_write) != 0,
                       .executable = (header.flags & flag_execute) != 0};
    if (segment.writable && segment.executable) return ElfProblem::write_and_execute;
    if (segment.address < rules.lowest || segment.last() > rules.last) return ElfProblem::outside_range;
    if (!elf.segments.empty()) {
        // The format demands ascending order. A page in two segments would get the rights of both.
        uint64_t previous = elf.segments[elf.segments.size() - 1].last().value;
        if (header.address / base::page_size <= previous / base::page_size) return ElfProblem::segments_overlap;
    }
    return elf.segments.add(segment) ? ElfProblem::none : ElfProblem::too_many_segments;
}

ElfProblem set_tls(Bytes file, const ProgramHeader& header, Elf& elf) {
    if (elf.tls) return ElfProblem::bad_header;
    if (header.memory_size == 0) return header.file_size == 0 ? ElfProblem::none : ElfProblem::bad_header;
    if (auto problem = check_extent(file, header); problem != ElfProblem::none) return problem;
    elf.tls = ElfTls{base::VirtAddr{header.address}, file.part(header.offset, header.file_size).span(),
                     header.memory_size, header.alignment > 1 ? header.alignment : 1};
    return ElfProblem::none;
}

// After all segments are known: the entry and the TLS image must lie in them.
ElfProblem check_inside(const Elf& elf) {
    bool entry_ok = false;
    bool tls_ok = !elf.tls || elf.tls->contents.empty();
    for (const ElfSegment& segment : elf.segments) {
        entry_ok |= segment.executable && segment.contains(elf.entry);
        tls_ok |= elf.tls && segment.contains(elf.tls->address) &&
                  elf.tls->contents.size() - 1 <= segment.last() - elf.tls->address;
    }
    if (!entry_ok) return ElfProblem::entry_not_executable;
    return tls_ok ? ElfProblem::none : ElfProblem::bad_header;
}

ElfProblem parse(Bytes file, const ElfRules& rules, Elf& elf) {
    FileHeader header{};
    if (auto problem = read_file_header(file, rules, header); problem != ElfProblem::none) return problem;
    for (uint32_t i = 0; i < header.count; ++i) {
        auto program = read_program_header(file.part(header.table + i * program_header_size, program_header_size));
        ElfProblem problem = ElfProblem::none;
        switch (program.type) {
            case program_load:
                problem = add_segment(file, rules, program, elf);
                break;
            case program_tls:
                problem = set_tls(file, program, elf);
                break;
            case program_dynamic:
            case program_interpreter:
                problem = ElfProblem::not_static;
                break;
            default:
                break;  // notes, stack flags: nothing to load
        }
        if (problem != ElfProblem::none) return problem;
    }
    if (elf.segments.empty()) return ElfProblem::no_segments;
    elf.entry = base::VirtAddr{header.entry};
    return check_inside(elf);
}

struct ProblemInfo {
    const char* text;
    base::Error error;
};
constexpr ProblemInfo problems[] = {
    {"no problem", base::Error::none},
    {"not an ELF file", base::Error::wrong_type},
    {"not a 64-bit little-endian ELF file", base::Error::unsupported},
    {"ELF file for another machine", base::Error::unsupported},
    {"ELF file is not statically linked at a fixed address", base::Error::unsupported},
    {"ELF file is truncated", base::Error::corrupt},
    {"ELF header contradicts itself", base::Error::corrupt},
    {"ELF file has too many segments", base::Error::full},
    {"ELF file has nothing to load", base::Error::not_found},
    {"ELF segment is misaligned", base::Error::misaligned},
    {"ELF segments overlap, share a page or are out of order", base::Error::overlaps},
    {"ELF segment is both writable and executable", base::Error::refused},
    {"ELF segment outside the allowed addresses", base::Error::out_of_range},
    {"ELF entry point is in no executable segment", base::Error::invalid_argument},
};
static_assert(sizeof(problems) / sizeof(problems[0]) == size_t(ElfProblem::entry_not_executable) + 1);

}  // namespace

const char* text(ElfProblem problem) {
    SKERRY_ASSERT(problem <= ElfProblem::entry_not_executable);
    return problems[static_cast<size_t>(problem)].text;
}

base::Error error(ElfProblem problem) {
    SKERRY_ASSERT(problem <= ElfProblem::entry_not_executable);
    return problems[static_cast<size_t>(problem)].error;
}

base::Result<Elf> parse_elf(std::span<const std::byte> file, const ElfRules& rules, ElfProblem* problem) {
    Elf elf;
    ElfProblem found = parse(file, rules, elf);
    if (problem) *problem = found;
    if (found != ElfProblem::none) return error(found);
    return elf;
}

}  // namespace skerry::image
