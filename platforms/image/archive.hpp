// The boot archive: every program of the system in one file, which the boot loader puts into memory.
// tools/archive.py writes it. Contents start at pages and end in a page of their own, so that a program can
// be mapped, read-only, straight from the archive. All numbers are little-endian.
//
//     0          8         12        16       20                28             64
//     +----------+---------+---------+--------+-----------------+--------------+
//     | "SKERRYAR" version | table   | count  | total size      | zero         |  header
//     |          | = 1     | CRC-32  |        | bytes           |              |
//     +----------+---------+---------+--------+-----------------+--------------+
//     | name, NUL padded             | offset | size | contents  | zero         |  entry 0
//     | 32 bytes                     | 8      | 8    | CRC-32, 4 | 12           |
//     +------------------------------+--------+------+-----------+--------------+
//     | ... ascending by name and by offset                      |              |  entry count - 1
//     +-- next page -------------------------------------------------------------+
//     | contents of entry 0, zeros up to the next page                           |
//     +-- ... -------------------------------------------------------------------+
//
// The table's CRC covers the header from `count` on and all entries; each entry's covers its contents alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "platforms/base/bytes.hpp"
#include "platforms/base/result.hpp"

namespace skerry::image {

using base::Bytes;

enum class ArchiveProblem : uint8_t {
    none,
    not_archive,     // no magic                                              wrong_type
    wrong_version,   // made for another Skerry                               unsupported
    truncated,       // shorter than it says                                  corrupt
    table_checksum,  // header or entries were damaged                        corrupt
    bad_table,       // the checksum fits, but the entries break the format   corrupt
};
const char* text(ArchiveProblem problem);   // one line, for messages
base::Error error(ArchiveProblem problem);  // as listed above

constexpr uint32_t archive_version = 1;
constexpr uint32_t archive_entries_maximum = 256;
constexpr uint32_t archive_name_maximum = 31;  // bytes without the NUL

struct ArchiveEntry {
    std::string_view name;
    std::span<const std::byte> contents;
    uint64_t offset = 0;  // of the contents from the archive's start, bytes; a multiple of the page size
    uint32_t crc32 = 0;   // of the contents
};

// Refers to the caller's bytes, which must outlive it. Memory behind the archive's end is never read.
class Archive {
  public:
    // Checks header and entries, not the contents. Errors: error(problem); `problem` may be null.
    static base::Result<Archive> open(std::span<const std::byte> data, ArchiveProblem* problem = nullptr);

    uint32_t count() const { return count_; }
    uint64_t size() const { return data_.size(); }  // bytes, a multiple of the page size

    // Errors: out_of_range (no such index), corrupt (the bytes have changed since open).
    base::Result<ArchiveEntry> entry(uint32_t index) const;
    // Errors: not_found; corrupt as above. Logarithmic in the count.
    base::Result<ArchiveEntry> find(std::string_view name) const;

  private:
    Bytes data_;
    uint32_t count_ = 0;
};

// Compares the contents with their checksum; linear in their size. Errors: corrupt.
base::Status verify(const ArchiveEntry& entry);

}  // namespace skerry::image
