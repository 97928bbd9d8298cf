#include "platforms/hosted/world.hpp"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <thread>

#include "capabilities/interface/boot_record.hpp"
#include "cpudriver/core.hpp"
#include "platforms/hosted/core_thread.hpp"
#include "platforms/hosted/firmware_tables.hpp"
#include "platforms/hosted/programs.hpp"
#include "platforms/image/archive.hpp"

namespace skerry::hosted {

using base::page_size;
using base::round_up;
using capabilities::BootRecord;

namespace {
constexpr uint64_t low_end = 0xa0000, high_start = 0x10'0000, image_base = 2 * 1024 * 1024;
constexpr uint64_t poke_area = low_end, controller_base = 0xb0000;
constexpr uint64_t tables_base = controller_base + InterruptLines::registers_bytes;
static_assert(uint64_t{cpudriver::cores_maximum} * cpudriver::notifies_per_core / 8 <= controller_base - poke_area);
}  // namespace

World::World(MachineShape shape, std::span<const std::byte> archive)
    : shape_(std::move(shape)), oversubscribed_(shape_.cores.size() > std::thread::hardware_concurrency()) {
    SKERRY_ASSERT(!shape_.cores.empty() && shape_.bytes_per_node % unit == 0);
    ram_bytes_ = shape_.nodes * shape_.bytes_per_node;
    archive_ = ram_bytes_;
    archive_bytes_ = archive.size();
    bytes_ = round_up(archive_ + archive_bytes_, unit);
    void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    memory_ = static_cast<std::byte*>(memory);
    owners_ = std::vector<std::atomic<uint32_t>>(bytes_ / unit);
    for (const MachineShape::Core& core : shape_.cores) {
        if (core.hardware >= cores_.size()) cores_.resize(core.hardware + 1);
        cores_[core.hardware] = std::make_unique<CoreThread>(*this, core.hardware);
    }

    std::vector<NodeRange> ranges;
    for (uint32_t node = 0; node < shape_.nodes; ++node) {
        ranges.push_back({node, node * shape_.bytes_per_node, shape_.bytes_per_node});
    }
    FirmwareTables tables = make_tables(shape_, ranges, controller_base, tables_base);
    SKERRY_ASSERT(tables.bytes.size() <= high_start - tables_base);
    std::memcpy(memory_ + tables_base, tables.bytes.data(), tables.bytes.size());
    root_ = tables.root;
    if (archive.empty()) return;
    std::memcpy(memory_ + archive_, archive.data(), archive.size());
    write_boot_record();
}

World::~World() {
    cores_.clear();
    munmap(memory_, bytes_);
}

// What a boot loader and the first lines of a driver do elsewhere.
void World::write_boot_record() {
    auto& record = *new (memory_ + image_base) BootRecord{};
    uint64_t image_bytes = driver_image_bytes();
    image::Archive archive = image::Archive::open({memory_ + archive_, archive_bytes_}).value();
    image::ArchiveEntry init = archive.find("init").value();
    record.magic = capabilities::boot_record_magic;
    record.image_base = image_base;
    record.image_size = image_bytes;
    record.poke_area = poke_area;
    record.program_base = archive_ + init.offset;
    record.program_size = init.contents.size();
    record.archive_base = archive_;
    record.archive_size = archive_bytes_;
    record.firmware_root_size = root_.size();
    std::memcpy(record.firmware_root, root_.data(), root_.size());
    record.first_domain_counter = 3;  // init's (monitor/domain_table.hpp)
    std::snprintf(record.command_line, sizeof record.command_line, "%s", shape_.command_line.c_str());
    uint64_t after_image = round_up(image_base + image_bytes, page_size);
    record.ram[0] = {page_size, low_end - page_size};
    record.ram[1] = {high_start, image_base - high_start};
    record.ram[2] = {after_image, ram_bytes_ - after_image};
    record.ram_count = 3;
    record.device[0] = {controller_base, high_start - controller_base};
    record.device_count = 1;
    set_owner(archive_, bytes_ - archive_, shape_.cores[0].hardware);
}

uint64_t World::controller() const {
    return controller_base;
}

uint64_t World::boot_image() const {
    return image_base;
}

int World::run() {
    serial_.start();
    cores_[shape_.cores[0].hardware]->run_here(boot_image());
    return 0;
}

void World::panic(uint64_t hardware, const char* reason) {
    std::printf("panic: core %llu: %s\r\n", static_cast<unsigned long long>(hardware), reason);
    end(125);
}

bool World::owned_by(uint64_t physical, uint64_t bytes, uint64_t hardware) const {
    if (physical >= bytes_ || bytes > bytes_ - physical || bytes == 0) return false;
    for (uint64_t i = physical / unit; i <= (physical + bytes - 1) / unit; ++i) {
        if (owners_[i].load(std::memory_order_relaxed) != hardware + 1) return false;
    }
    return true;
}

bool World::is_poke_word(uint64_t physical) const {
    return physical >= poke_area && physical < controller_base;
}

void World::set_owner(uint64_t physical, uint64_t bytes, uint64_t hardware) {
    for (uint64_t i = physical / unit; i <= (physical + bytes - 1) / unit; ++i) {
        owners_[i].store(static_cast<uint32_t>(hardware + 1), std::memory_order_relaxed);
    }
}

void World::disown(uint64_t physical, uint64_t bytes) {
    for (uint64_t i = physical / unit; i < (physical + bytes) / unit; ++i) {
        owners_[i].store(0, std::memory_order_relaxed);
    }
}

}  // namespace skerry::hosted
