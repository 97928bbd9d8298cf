// A machine on Linux: physical memory, firmware tables, a serial port, and a thread for each core that runs.
//
//   0            640 KiB      704 KiB       1 MiB   2 MiB                    ram_bytes
//   +------------+------------+-------------+-------+----------+-------------+--------------+
//   | low memory | poke words | controller, |  RAM  | driver 0 | RAM, nodes  | boot archive |
//   |            |            | ACPI tables |       |          |             |              |
//   +------------+------------+-------------+-------+----------+-------------+--------------+
//                 `---- no core's own ----'
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "platforms/base/ids.hpp"
#include "platforms/hosted/interrupt_lines.hpp"
#include "platforms/hosted/machine_shape.hpp"
#include "platforms/hosted/serial_port.hpp"
#include "platforms/hosted/translations.hpp"

namespace skerry::hosted {

class CoreThread;

class World {
  public:
    // An empty archive: the first core finds no boot record.
    World(MachineShape shape, std::span<const std::byte> archive);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    // Runs core 0 on the caller's thread until the machine is switched off. -> the exit status
    int run();
    uint64_t boot_image() const;  // physical: where the first core's driver lies
    [[noreturn]] void end(int status);
    [[noreturn]] void panic(uint64_t hardware, const char* reason);

    const MachineShape& shape() const { return shape_; }
    std::byte* memory() { return memory_; }
    uint64_t bytes() const { return bytes_; }
    bool contains(uint64_t host_address) const { return host_address - reinterpret_cast<uint64_t>(memory_) < bytes_; }
    // Hardware id >> this = package: ids are given so that packages come one after the other, each a power of two.
    uint32_t package_shift() const { return shape_.package_shift; }
    bool oversubscribed() const { return oversubscribed_; }  // more cores than Linux has: polling must give way

    // --- law 1: who owns which 64 KiB ---
    static constexpr uint64_t unit = 64 * 1024;
    bool owned_by(uint64_t physical, uint64_t bytes, uint64_t hardware) const;
    bool is_poke_word(uint64_t physical) const;  // which all drivers write
    void set_owner(uint64_t physical, uint64_t bytes, uint64_t hardware);
    void disown(uint64_t physical, uint64_t bytes);
    const std::atomic<uint32_t>* owners() const { return owners_.data(); }  // by unit: hardware id + 1; 0 = nobody

    CoreThread* core(uint64_t hardware) { return hardware < cores_.size() ? cores_[hardware].get() : nullptr; }
    SerialPort& serial() { return serial_; }
    InterruptLines& lines() { return lines_; }
    // Null unless somebody watches.
    Translations* translations() { return translations_; }
    void watch(Translations& translations) { translations_ = &translations; }
    uint64_t controller() const;  // physical address that the firmware names

  private:
    void write_boot_record();

    MachineShape shape_;
    bool oversubscribed_;
    uint64_t ram_bytes_ = 0, bytes_ = 0;
    uint64_t archive_ = 0, archive_bytes_ = 0;
    std::byte* memory_ = nullptr;
    std::vector<std::atomic<uint32_t>> owners_;
    std::vector<std::unique_ptr<CoreThread>> cores_;
    InterruptLines lines_;
    SerialPort serial_{lines_};
    Translations* translations_ = nullptr;
    std::vector<std::byte> root_;  // RSDP
};

}  // namespace skerry::hosted
