#include "platforms/firmware/multiboot2.hpp"

#include <algorithm>

namespace skerry::firmware {
namespace {

using base::Error;
using base::PhysAddr;
using base::Result;

constexpr uint64_t tag_header = 8;  // type and size; both also at the start of the block
constexpr uint64_t memory_entry_minimum = 24;
constexpr uint64_t efi_descriptor_minimum = 40;

// A range that would wrap ends at the last byte; whoever reads the map need not think of it.
uint64_t clipped(uint64_t base, uint64_t size) {
    return std::min(size, UINT64_MAX - base);
}

bool terminated(Bytes bytes) {
    return bytes.text().size() < bytes.size();
}

}  // namespace

const char* text(BootProblem problem) {
    switch (problem) {
        case BootProblem::none:
            return "no problem";
        case BootProblem::truncated:
            return "boot information is truncated";
        case BootProblem::bad_tag:
            return "boot information has a malformed tag";
    }
    return "unknown problem";
}

Result<uint32_t> multiboot2_size(std::span<const std::byte> first_bytes) {
    Bytes bytes = first_bytes;
    if (!bytes.holds(0, tag_header)) return Error::corrupt;
    uint32_t size = bytes.get<uint32_t>(0);
    if (size < 2 * tag_header) return Error::corrupt;
    return size;
}

Result<BootInformation> BootInformation::open(std::span<const std::byte> block, BootProblem* problem) {
    BootProblem ignored;
    BootProblem& found = problem ? *problem : ignored;
    found = BootProblem::truncated;
    uint32_t size = SKERRY_TRY(multiboot2_size(block));
    if (size > block.size()) return Error::corrupt;
    BootInformation information;
    information.block_ = block.first(size);
    Tag tag = information.first();
    for (; !tag.end(); tag = information.next(tag)) {
        if (check(tag) != BootProblem::none) {
            found = BootProblem::bad_tag;
            return Error::corrupt;
        }
    }
    // tag_at() answers an end tag also where the bytes ran out: only one with its header in place is real.
    if (!information.block_.holds(tag.offset, tag_header)) return Error::corrupt;
    if (information.block_.get<uint32_t>(tag.offset) != tag_end) return Error::corrupt;
    found = BootProblem::none;
    return information;
}

std::span<const std::byte> BootInformation::rsdp() const {
    Tag tag = find(tag_rsdp_new);
    if (tag.end()) tag = find(tag_rsdp_old);
    return tag.payload.span();
}

BootInformation::Tag BootInformation::first() const {
    return tag_at(tag_header);
}

BootInformation::Tag BootInformation::next(const Tag& tag) const {
    return tag_at(tag.offset + base::round_up(tag_header + tag.payload.size(), 8));
}

BootInformation::Tag BootInformation::tag_at(uint64_t offset) const {
    Tag end{tag_end, offset, {}};
    if (!block_.holds(offset, tag_header)) return end;
    uint32_t type = block_.get<uint32_t>(offset);
    uint64_t size = block_.get<uint32_t>(offset + 4);
    if (type == tag_end || size < tag_header || !block_.holds(offset, size)) return end;
    return {type, offset, block_.part(offset + tag_header, size - tag_header)};
}

BootInformation::Tag BootInformation::find(TagType type) const {
    Tag tag = first();
    while (!tag.end() && tag.type != type) tag = next(tag);
    return tag;
}

std::string_view BootInformation::string(TagType type) const {
    return find(type).payload.text();
}

BootProblem BootInformation::check(const Tag& tag) {
    bool good = true;
    uint64_t size = tag.payload.size();
    switch (tag.type) {
        case tag_command_line:
        case tag_loader_name:
            good = terminated(tag.payload);
            break;
        case tag_module:
            good = size > 8 && tag.payload.get<uint32_t>(0) <= tag.payload.get<uint32_t>(4) &&
                   terminated(tag.payload.part(8, size - 8));
            break;
        case tag_memory:
            good = size >= 8 && tag.payload.get<uint32_t>(0) >= memory_entry_minimum;
            break;
        case tag_efi_memory:
            good = size >= 8 && tag.payload.get<uint32_t>(0) >= efi_descriptor_minimum;
            break;
        default:
            break;  // an RSDP is judged by its own parser, other tags are not read
    }
    return good ? BootProblem::none : BootProblem::bad_tag;
}

BootModule BootInformation::module(const Tag& tag) {
    uint32_t start = tag.payload.get<uint32_t>(0), end = tag.payload.get<uint32_t>(4);
    SKERRY_ASSERT(start <= end);
    return {PhysAddr{start}, uint64_t{end} - start, tag.payload.part(8, tag.payload.size() - 8).text()};
}

BootMemory BootInformation::boot_memory(Bytes raw) {
    uint64_t start = raw.get<uint64_t>(0);
    uint32_t kind = raw.get<uint32_t>(16);
    bool known = kind >= uint32_t(MemoryKind::available) && kind <= uint32_t(MemoryKind::defective);
    return {PhysAddr{start}, clipped(start, raw.get<uint64_t>(8)),
            known ? static_cast<MemoryKind>(kind) : MemoryKind::reserved};
}

EfiMemory BootInformation::efi_memory(Bytes raw) {
    uint64_t start = raw.get<uint64_t>(8), pages = raw.get<uint64_t>(24);
    uint64_t size = pages > UINT64_MAX / base::page_size ? UINT64_MAX : pages * base::page_size;
    return {PhysAddr{start}, clipped(start, size), raw.get<uint32_t>(0), raw.get<uint64_t>(32)};
}

}  // namespace skerry::firmware
