// The copy of the CPU driver that another core will run, laid out in the front of the block of RAM that this core
// will own, or in a block of its own where that lies at another node. Pure arithmetic and copying; who maps the memory
// is operation/lay_core.cpp.
//
//   base                image_size              written            end - program        end
//   +-------------------+-----------------------------------------+--------------------+
//   | image: record,    | RAM of the new core                     | ELF file of its     |
//   | text, data, zeros |                                         | monitor             |
//   +-------------------+-----------------------------------------+--------------------+
//
// The program's file lies at the end of the RAM range: the driver reads it before it gives that memory to anybody,
// and then the range is whole. What is left of a block that only the image is in is nobody's: memory leaves a driver in
// pieces of 2 MiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "capabilities/interface/boot_record.hpp"
#include "platforms/image/elf.hpp"
#include "urpc/protocols/machine_info.hpp"

namespace skerry::monitor {

struct CoreImage {
    image::Elf driver;
    base::VirtAddr link_base;    // lowest address; the boot record lies there
    uint64_t image_bytes = 0;    // whole pages
    uint64_t program_bytes = 0;  // of the program's file, whole pages
};

struct Block {
    base::PhysAddr base;
    uint64_t bytes = 0;
};
constexpr uint64_t image_block_bytes = 2 * 1024 * 1024;  // of one that only the image is in

// The same twice: the image lies in the front of the RAM.
struct CoreBlocks {
    Block image, ram;
    bool one() const { return image.base == ram.base; }
};

// Errors: those of parse_elf; out_of_range (the image exceeds what a core start can map), no_memory (a block is too
// small), misaligned (a block).
base::Result<CoreImage> plan_core_image(std::span<const std::byte> driver, std::span<const std::byte> program,
                                        const image::ElfRules& rules, const CoreBlocks& blocks);

// Copies the segments. `memory`: the first image_bytes of the image's block.
void copy_driver(const CoreImage& plan, std::span<std::byte> memory);

// What the new core is told. All else comes from the machine's page.
struct CoreStart {
    uint32_t index = 0;         // of the core in the machine's page
    uint64_t program_size = 0;  // of the file, bytes
    uint64_t join_frame = 0;    // physical
    uint64_t join_frame_size = 0;
    uint64_t now = 0;                      // ns: of our clock
    capabilities::Capability join_notify;  // pokes this monitor
};

// Completes the record at the front of the copied image; `entry` is in it already and is kept.
// Errors: corrupt (the image does not start with a record that has an entry in its text).
base::Status fill_record(const CoreImage& plan, const CoreBlocks& blocks, const urpc::MachineInfo& machine,
                         const CoreStart& start, capabilities::BootRecord& record);

}  // namespace skerry::monitor
