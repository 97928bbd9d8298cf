// What a multiboot2 loader (GRUB2) leaves behind: one block of tags, each padded to 8 bytes. open() checks
// the whole block once; afterwards nothing here can fail, allocate or read outside the block.
//
//     | total size | 0 | type | size | payload ... pad | type | size | payload ... pad | 0 | 8 |
//       4 bytes      4   4      4                                                       end tag
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "platforms/base/bytes.hpp"
#include "platforms/base/ids.hpp"
#include "platforms/base/result.hpp"

namespace skerry::firmware {

using base::Bytes;

constexpr uint32_t multiboot2_loader_magic = 0x36d76289;  // in EAX at the kernel's entry

enum class BootProblem : uint8_t {
    none,
    truncated,  // the block or a tag is longer than the bytes given, or there is no end tag
    bad_tag,    // a tag too short for its type, or with unusable fields
};
const char* text(BootProblem problem);  // one line, for messages

struct BootModule {
    base::PhysAddr start;
    uint64_t size = 0;      // bytes
    std::string_view name;  // the text behind the file name in the loader's configuration
};

enum class MemoryKind : uint32_t {  // numbers as in E820
    available = 1,
    reserved = 2,
    acpi_reclaimable = 3,
    acpi_nonvolatile = 4,
    defective = 5,
};

struct BootMemory {
    base::PhysAddr base;
    uint64_t size = 0;  // bytes, > 0; base + size does not wrap
    MemoryKind kind = MemoryKind::reserved;
};

// The EFI memory map as the loader passed it on; only there if it did.
struct EfiMemory {
    base::PhysAddr base;
    uint64_t size = 0;        // bytes, > 0; base + size does not wrap
    uint32_t type = 0;        // EFI_MEMORY_TYPE
    uint64_t attributes = 0;  // EFI_MEMORY_* bits
};

// The block's total size from its first 8 bytes, so that the caller knows what to map. Errors: corrupt.
base::Result<uint32_t> multiboot2_size(std::span<const std::byte> first_bytes);

class BootInformation {
  public:
    // Errors: corrupt; `problem` may be null. `block` may be longer than the total size.
    static base::Result<BootInformation> open(std::span<const std::byte> block, BootProblem* problem = nullptr);

    std::string_view command_line() const { return string(tag_command_line); }  // empty if there is none
    std::string_view loader_name() const { return string(tag_loader_name); }
    // A copy of the RSDP inside the block: the ACPI 2 one if there is one, else ACPI 1's; empty if neither.
    std::span<const std::byte> rsdp() const;

    // Each calls visit(const BootModule& / BootMemory& / EfiMemory&) in the loader's order. Ranges may
    // overlap.
    template <typename Visit>
    void each_module(Visit visit) const {
        for (Tag tag = first(); !tag.end(); tag = next(tag)) {
            if (tag.type == tag_module) visit(module(tag));
        }
    }
    template <typename Visit>
    void each_memory(Visit visit) const {
        each_element(tag_memory, 8, [&](Bytes raw) {
            if (BootMemory memory = boot_memory(raw); memory.size != 0) visit(memory);
        });
    }
    template <typename Visit>
    void each_efi_memory(Visit visit) const {
        each_element(tag_efi_memory, 8, [&](Bytes raw) {
            if (EfiMemory memory = efi_memory(raw); memory.size != 0) visit(memory);
        });
    }

  private:
    enum TagType : uint32_t {
        tag_end = 0,
        tag_command_line = 1,
        tag_loader_name = 2,
        tag_module = 3,
        tag_memory = 6,
        tag_rsdp_old = 14,
        tag_rsdp_new = 15,
        tag_efi_memory = 17,
    };
    struct Tag {
        uint32_t type = tag_end;
        uint64_t offset = 0;  // of the tag in the block
        Bytes payload;
        bool end() const { return type == tag_end; }
    };

    Tag first() const;
    Tag next(const Tag& tag) const;
    Tag tag_at(uint64_t offset) const;  // an end tag where the block has no whole tag
    Tag find(TagType type) const;
    std::string_view string(TagType type) const;
    static BootProblem check(const Tag& tag);
    static BootModule module(const Tag& tag);
    static BootMemory boot_memory(Bytes raw);
    static EfiMemory efi_memory(Bytes raw);

    // Tags that are arrays: element size, version, then elements from `start` on.
    template <typename Visit>
    void each_element(TagType type, uint64_t start, Visit visit) const {
        for (Tag tag = first(); !tag.end(); tag = next(tag)) {
            if (tag.type != type) continue;
            uint64_t size = tag.payload.get<uint32_t>(0);
            for (uint64_t at = start; tag.payload.holds(at, size); at += size) visit(tag.payload.part(at, size));
        }
    }

    Bytes block_;
};

}  // namespace skerry::firmware
