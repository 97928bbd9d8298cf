// Symbol lookup apart from loading: it trusts no section header either.
#include "platforms/base/bytes.hpp"
#include "platforms/image/elf.hpp"

namespace skerry::image {
namespace {

using base::Error;
using base::Result;

constexpr uint64_t section_header_size = 64;
constexpr uint64_t symbol_size = 24;
constexpr uint32_t section_symbols = 2;  // SHT_SYMTAB
constexpr uint32_t section_strings = 3;  // SHT_STRTAB

struct Sections {
    Bytes table;
    uint64_t count;
};

Result<Sections> read_sections(Bytes file) {
    if (!file.holds(0, 64) || file.get<uint32_t>(0) != 0x464c457f) return Error::corrupt;
    uint64_t offset = file.get<uint64_t>(40);
    uint64_t count = file.get<uint16_t>(60);
    if (offset == 0 || count == 0) return Error::not_found;
    if (file.get<uint16_t>(58) != section_header_size) return Error::corrupt;
    if (!file.holds(offset, count * section_header_size)) return Error::corrupt;
    return Sections{file.part(offset, count * section_header_size), count};
}

Result<Bytes> section_contents(Bytes file, Bytes header, uint32_t type) {
    uint64_t offset = header.get<uint64_t>(24), size = header.get<uint64_t>(32);
    if (header.get<uint32_t>(4) != type || !file.holds(offset, size)) return Error::corrupt;
    return file.part(offset, size);
}

Result<base::VirtAddr> search(Bytes symbols, Bytes strings, std::string_view name) {
    for (uint64_t at = 0; symbols.holds(at, symbol_size); at += symbol_size) {
        uint32_t name_offset = symbols.get<uint32_t>(at);
        bool defined = symbols.get<uint16_t>(at + 6) != 0;
        // Comparing only as many bytes as the name has keeps the search linear in the table.
        if (!defined || !strings.holds(name_offset, name.size() + 1)) continue;
        Bytes candidate = strings.part(name_offset, name.size() + 1);
        if (candidate.text() == name) return base::VirtAddr{symbols.get<uint64_t>(at + 8)};
    }
    return Error::not_found;
}

}  // namespace

Result<base::VirtAddr> find_elf_symbol(std::span<const std::byte> data, std::string_view name) {
    Bytes file = data;
    if (name.empty() || name.size() > 4096) return Error::invalid_argument;
    Sections sections = SKERRY_TRY(read_sections(file));
    for (uint64_t i = 0; i < sections.count; ++i) {
        Bytes header = sections.table.part(i * section_header_size, section_header_size);
        if (header.get<uint32_t>(4) != section_symbols) continue;
        uint32_t link = header.get<uint32_t>(40);
        if (link >= sections.count) return Error::corrupt;
        Bytes symbols = SKERRY_TRY(section_contents(file, header, section_symbols));
        Bytes strings_header = sections.table.part(link * section_header_size, section_header_size);
        Bytes strings = SKERRY_TRY(section_contents(file, strings_header, section_strings));
        return search(symbols, strings, name);
    }
    return Error::not_found;
}

}  // namespace skerry::image
