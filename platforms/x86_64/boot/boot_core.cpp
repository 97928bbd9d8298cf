#include "boot/boot_core.hpp"

#include <algorithm>
#include <cstring>

#include "platforms/firmware/multiboot2.hpp"
#include "platforms/image/archive.hpp"

extern "C" {
extern std::byte skerry_image_start[], skerry_image_end[];
}

namespace skerry::platform {
namespace {

using capabilities::BootRange;
using capabilities::BootRecord;
constexpr uint64_t load_base = 0x200000;         // cpudriver.ld
constexpr uint64_t reach = uint64_t{4} << 30;    // of the early tables
constexpr uint64_t highest = uint64_t{1} << 46;  // physical addresses that Skerry manages

std::span<const std::byte> early(uint64_t address, uint64_t size) {
    if (address >= reach || size > reach - address) return {};
    return {reinterpret_cast<const std::byte*>(address), size};
}

// RAM as ranges that shrink where something lies in them already.
class Ranges {
  public:
    void add(uint64_t start, uint64_t end) {
        start = base::round_up(start, base::page_size);
        end = base::round_down(std::min(end, highest), base::page_size);
        if (start == 0) start = base::page_size;  // the first page is nobody's
        if (start < end && count_ < maximum) range_[count_++] = {start, end - start};
    }
    void cut(uint64_t start, uint64_t end) {
        start = base::round_down(start, base::page_size);
        end = base::round_up(end, base::page_size);
        uint32_t before = count_;
        for (uint32_t i = 0; i < before; i++) {
            uint64_t from = range_[i].base, to = range_[i].base + range_[i].size;
            if (end <= from || start >= to) continue;
            range_[i].size = start > from ? start - from : 0;
            if (end < to) add(end, to);
        }
        auto* last = std::remove_if(range_, range_ + count_, [](const BootRange& r) { return r.size == 0; });
        count_ = static_cast<uint32_t>(last - range_);
    }
    // By insertion: ranges are few, and std::sort takes 1.2 KiB of the driver's image.
    void sort() {
        for (uint32_t i = 1; i < count_; i++) {
            for (uint32_t j = i; j > 0 && range_[j].base < range_[j - 1].base; j--) std::swap(range_[j], range_[j - 1]);
        }
    }
    // Takes `bytes` from the end of the lowest range below `reach` that has them; 0 if none has.
    uint64_t take(uint64_t bytes) {
        for (uint32_t i = 0; i < count_; i++) {
            if (range_[i].size < bytes + 64 * base::page_size || range_[i].base + range_[i].size > reach) continue;
            range_[i].size -= bytes;
            return range_[i].base + range_[i].size;
        }
        return 0;
    }
    uint32_t count() const { return count_; }
    const BootRange& operator[](uint32_t i) const { return range_[i]; }

  private:
    static constexpr uint32_t maximum = capabilities::boot_ranges_maximum - 2;  // the alias map may split one
    BootRange range_[maximum];
    uint32_t count_ = 0;
};

// Everything between RAM ranges, but what the drivers themselves use.
void add_devices(const Ranges& ram, BootRecord& record) {
    Ranges devices;
    uint64_t at = base::page_size;
    constexpr uint64_t device_end = uint64_t{1} << 40;
    for (uint32_t i = 0; i < ram.count(); i++) {
        if (ram[i].base > at) devices.add(at, ram[i].base);
        at = ram[i].base + ram[i].size;
    }
    if (at < device_end) devices.add(at, device_end);
    devices.cut(record.image_base, record.image_base + record.image_size);
    devices.cut(record.archive_base, record.archive_base + record.archive_size);
    devices.cut(record.poke_area, record.poke_area + poke_area_size);
    uint64_t apic = read_msr(0x1b) & 0x000f'ffff'ffff'f000;
    devices.cut(apic, apic + base::page_size);
    for (uint32_t i = 0; i < devices.count(); i++) record.device[i] = devices[i];
    record.device_count = devices.count();
}

const char* find_archive(const firmware::BootInformation& information, BootRecord& record) {
    firmware::BootModule module;
    information.each_module([&](const firmware::BootModule& m) {
        if (module.size == 0) module = m;
    });
    if (module.size == 0) return "GRUB loaded no boot archive (module2 /boot/archive is missing)";
    auto bytes = early(module.start.value, module.size);
    if (bytes.empty()) return "the boot archive lies above 4 GiB";
    if (module.start.value % base::page_size != 0) return "the boot archive is not page aligned";
    image::ArchiveProblem problem{};
    auto archive = image::Archive::open(bytes, &problem);
    if (!archive.ok()) return image::text(problem);
    auto init = archive->find("init");
    if (!init.ok()) return "the boot archive has no init";
    if (!image::verify(*init).ok()) return "init in the boot archive is damaged (its checksum is wrong)";
    record.archive_base = module.start.value;
    record.archive_size = module.size;
    record.program_base = module.start.value + init->offset;
    record.program_size = init->contents.size();
    return nullptr;
}

}  // namespace

const char* describe_boot_core(uint32_t magic, uint64_t address, BootRecord& record) {
    if (magic != firmware::multiboot2_loader_magic) return "not started by a multiboot2 loader";
    auto size = firmware::multiboot2_size(early(address, 8));
    if (!size.ok()) return "the loader's information block is damaged";
    firmware::BootProblem problem{};
    auto information = firmware::BootInformation::open(early(address, *size), &problem);
    if (!information.ok()) return firmware::text(problem);

    record.magic = capabilities::boot_record_magic;
    record.first_domain_counter = 3;  // init; on every core 1 is the monitor, 2 the memory service
    record.image_base = load_base;
    record.image_size = static_cast<uint64_t>(skerry_image_end - skerry_image_start);
    if (const char* reason = find_archive(*information, record)) return reason;

    // Copied before anything is written: the loader's block lies in what will be free RAM.
    auto root = information->rsdp();
    record.firmware_root_size = std::min(root.size(), sizeof record.firmware_root);
    std::memcpy(record.firmware_root, root.data(), record.firmware_root_size);
    auto line = information->command_line();
    std::memcpy(record.command_line, line.data(), std::min(line.size(), sizeof record.command_line - 1));

    Ranges ram;
    information->each_memory([&](const firmware::BootMemory& memory) {
        if (memory.kind == firmware::MemoryKind::available) ram.add(memory.base.value, memory.base.value + memory.size);
    });
    information->each_memory([&](const firmware::BootMemory& memory) {
        if (memory.kind != firmware::MemoryKind::available) ram.cut(memory.base.value, memory.base.value + memory.size);
    });
    ram.sort();
    Ranges all = ram;  // what is RAM, whoever uses it
    ram.cut(record.image_base, record.image_base + record.image_size);
    ram.cut(record.archive_base, record.archive_base + record.archive_size);
    ram.sort();
    record.poke_area = ram.take(poke_area_size);
    if (ram.count() == 0 || record.poke_area == 0) return "not enough memory";
    std::memset(reinterpret_cast<void*>(record.poke_area), 0, poke_area_size);
    for (uint32_t i = 0; i < ram.count(); i++) record.ram[i] = ram[i];
    record.ram_count = ram.count();
    add_devices(all, record);

    return nullptr;
}

}  // namespace skerry::platform
