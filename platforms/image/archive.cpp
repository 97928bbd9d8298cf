#include "platforms/image/archive.hpp"

#include "platforms/base/ids.hpp"
#include "platforms/image/crc32.hpp"

namespace skerry::image {
namespace {

using base::Error;
using base::Result;

constexpr uint64_t magic = 0x52'41'59'52'52'45'4b'53;  // "SKERRYAR"
constexpr uint64_t header_size = 64;
constexpr uint64_t entry_size = 64;
constexpr uint64_t checked_from = 16;  // the CRC covers the table from here; what lies before is compared by value

bool fits(Bytes archive, const ArchiveEntry& entry, uint64_t size) {
    return !entry.name.empty() && entry.name.size() <= archive_name_maximum && entry.offset % base::page_size == 0 &&
           archive.holds(entry.offset, size);
}

Result<ArchiveEntry> read_entry(Bytes archive, uint32_t index) {
    uint64_t at = header_size + index * entry_size;
    if (!archive.holds(at, entry_size)) return Error::corrupt;
    Bytes raw = archive.part(at, entry_size);
    ArchiveEntry entry{raw.part(0, archive_name_maximum + 1).text(), {}, raw.get<uint64_t>(32), raw.get<uint32_t>(48)};
    uint64_t size = raw.get<uint64_t>(40);
    if (!fits(archive, entry, size)) return Error::corrupt;
    entry.contents = archive.part(entry.offset, size).span();
    return entry;
}

// Entries ascend by name (so they are unique, and find() can halve) and their contents share no page.
bool table_in_order(Bytes archive, uint32_t count) {
    std::string_view last_name;
    uint64_t free_from = base::round_up(header_size + count * entry_size, base::page_size);
    for (uint32_t i = 0; i < count; ++i) {
        auto entry = read_entry(archive, i);
        if (!entry.ok()) return false;
        if (i != 0 && entry->name <= last_name) return false;
        if (entry->offset < free_from) return false;
        last_name = entry->name;
        free_from = base::round_up(entry->offset + entry->contents.size(), base::page_size);
    }
    return true;
}

ArchiveProblem check(Bytes data, Bytes& archive, uint32_t& count) {
    if (data.holds(0, 8) && data.get<uint64_t>(0) != magic) return ArchiveProblem::not_archive;
    if (!data.holds(0, header_size)) return ArchiveProblem::truncated;
    if (data.get<uint32_t>(8) != archive_version) return ArchiveProblem::wrong_version;
    count = data.get<uint32_t>(16);
    uint64_t total = data.get<uint64_t>(20);
    // A damaged count or size must not be told as "truncated", so bound them only as far as the CRC needs.
    if (count > archive_entries_maximum) return ArchiveProblem::table_checksum;
    uint64_t table_end = header_size + count * entry_size;
    if (!data.holds(0, table_end)) return ArchiveProblem::truncated;
    if (crc32(data.part(checked_from, table_end - checked_from).span()) != data.get<uint32_t>(12)) {
        return ArchiveProblem::table_checksum;
    }
    if (total < table_end || total % base::page_size != 0) return ArchiveProblem::bad_table;
    if (!data.holds(0, total)) return ArchiveProblem::truncated;
    archive = data.part(0, total);
    return table_in_order(archive, count) ? ArchiveProblem::none : ArchiveProblem::bad_table;
}

}  // namespace

const char* text(ArchiveProblem problem) {
    switch (problem) {
        case ArchiveProblem::none:
            return "no problem";
        case ArchiveProblem::not_archive:
            return "not a boot archive";
        case ArchiveProblem::wrong_version:
            return "boot archive of another version";
        case ArchiveProblem::truncated:
            return "boot archive is truncated";
        case ArchiveProblem::table_checksum:
            return "boot archive is corrupt: wrong checksum of its table";
        case ArchiveProblem::bad_table:
            return "boot archive is corrupt: malformed table";
    }
    return "unknown problem";
}

Error error(ArchiveProblem problem) {
    switch (problem) {
        case ArchiveProblem::none:
            return Error::none;
        case ArchiveProblem::not_archive:
            return Error::wrong_type;
        case ArchiveProblem::wrong_version:
            return Error::unsupported;
        default:
            return Error::corrupt;
    }
}

Result<Archive> Archive::open(std::span<const std::byte> data, ArchiveProblem* problem) {
    Archive archive;
    ArchiveProblem found = check(data, archive.data_, archive.count_);
    if (problem) *problem = found;
    if (found != ArchiveProblem::none) return error(found);
    return archive;
}

Result<ArchiveEntry> Archive::entry(uint32_t index) const {
    if (index >= count_) return Error::out_of_range;
    return read_entry(data_, index);
}

Result<ArchiveEntry> Archive::find(std::string_view name) const {
    uint32_t low = 0, high = count_;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        ArchiveEntry entry = SKERRY_TRY(read_entry(data_, middle));
        if (entry.name == name) return entry;
        if (entry.name < name) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return Error::not_found;
}

base::Status verify(const ArchiveEntry& entry) {
    return crc32(entry.contents) == entry.crc32 ? Error::none : Error::corrupt;
}

}  // namespace skerry::image
