// A core's machine for tests on the host: physical memory is one arena that all cores of a test share, a core owns
// the ranges that the test gives it, time stands still unless the test moves it, and everything that would touch
// hardware is recorded.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

#include "capabilities/interface/system_call.hpp"
#include "platforms/contract/machine.hpp"

namespace skerry::platform {

struct Arena {
    explicit Arena(uint64_t bytes) : size(bytes), memory(static_cast<std::byte*>(std::aligned_alloc(4096, bytes))) {
        std::memset(memory, 0xa5, bytes);  // nothing may rely on zeroed memory
    }
    ~Arena() { std::free(memory); }
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    uint64_t size;
    std::byte* memory;
    std::atomic<uint64_t> pokes[256 * 8] = {};
};

class Machine {
  public:
    Machine(Arena& arena, uint64_t hardware) : arena_(&arena), hardware_(hardware) {}

    struct Range {
        uint64_t base, size;
    };
    std::vector<Range> owned;
    uint64_t time = 1000;
    uint64_t armed = 0;
    uint64_t space = 0;
    uint64_t after_maps = 0;
    std::vector<uint64_t> published;
    uint64_t flushed_page = 0;
    uint64_t switches = 0, flushes = 0, page_flushes = 0;
    uint64_t extended = 0;  // stands for all vector registers
    std::vector<uint64_t> poked, inits, startups;
    std::vector<uint64_t> foreign_accesses;  // law 1: must stay empty
    std::map<uint32_t, uint32_t> ports;

    std::byte* pointer(base::PhysAddr address) {
        if (!owns(address, 1)) foreign_accesses.push_back(address.value);
        return arena_->memory + address.value;
    }
    bool owns(base::PhysAddr address, uint64_t bytes) {
        for (const Range& range : owned) {
            if (address.value < range.base || address.value - range.base >= range.size) continue;
            if (bytes <= range.size - (address.value - range.base)) return true;
        }
        return false;
    }
    void withdraw(base::PhysAddr address, uint64_t bytes) {
        std::vector<Range> left;
        for (const Range& range : owned) {
            uint64_t end = range.base + range.size, cut = address.value + bytes;
            if (cut <= range.base || address.value >= end) {
                left.push_back(range);
                continue;
            }
            if (range.base < address.value) left.push_back({range.base, address.value - range.base});
            if (cut < end) left.push_back({cut, end - cut});
        }
        owned = left;
    }
    static constexpr uint64_t hardware_ids = 1000;
    uint64_t tick = 0;  // ns that a look at the clock takes
    uint64_t cycles() { return time; }
    uint64_t now() { return time += tick; }
    void arm(uint64_t deadline) { armed = deadline; }
    void disarm() { armed = 0; }
    uint64_t clock_multiplier() const { return uint64_t{1} << 32; }
    uint64_t timer_multiplier() const { return uint64_t{1} << 32; }
    void prepare_root(base::PhysAddr) {}
    void switch_space(base::PhysAddr root) { space = root.value, switches++; }
    void flush_page(base::VirtAddr address) { page_flushes++, flushed_page = address.value; }
    void after_map() { after_maps++; }
    void publish_code(base::PhysAddr address, uint64_t) { published.push_back(address.value); }
    static constexpr bool break_before_make = true;  // the stricter rule, so that tests walk that way
    void flush_space() { flushes++; }
    void save_extended(void* area) { std::memcpy(area, &extended, sizeof extended); }
    bool restore_extended(const void* area) {
        std::memcpy(&extended, area, sizeof extended);
        return extended != ~uint64_t{0};
    }
    void clear_extended() { extended = 0; }
    uint64_t extended_size() const { return sizeof extended; }
    uint64_t extended_mask() const { return 1; }
    base::HardwareId hardware_id() const { return base::HardwareId{hardware_}; }
    void send_poke(base::HardwareId target) { poked.push_back(target.value); }
    void send_pokes(std::span<const base::HardwareId> targets) {
        for (base::HardwareId target : targets) send_poke(target);
    }
    std::atomic<uint64_t>* poke_words(uint32_t core) { return arena_->pokes + size_t{core} * 8; }
    void send_init(base::HardwareId target) { inits.push_back(target.value); }
    void send_startup(base::HardwareId target, uint32_t) { startups.push_back(target.value); }
    // Device interrupts: a line is a place in this map, which knows what number it was given and whether it is masked.
    struct Line {
        uint32_t number;
        bool level, masked;
    };
    static constexpr uint32_t lines_of_a_controller = 24;
    std::map<uint64_t, Line> lines;  // by controller + line
    base::Status route_interrupt(uint32_t number, base::PhysAddr controller, uint64_t line) {
        uint64_t place = line & capabilities::interrupt_mode::line_mask;
        if (place >= lines_of_a_controller) return base::Error::out_of_range;
        place += controller.value;
        if (lines.contains(place) && lines[place].number != number) return base::Error::busy;
        std::erase_if(lines, [&](const auto& each) { return each.second.number == number; });
        lines[place] = {number, (line & capabilities::interrupt_mode::level_triggered) != 0, true};
        return {};
    }
    void mask_interrupt(uint32_t number) { set_mask(number, true); }
    void unmask_interrupt(uint32_t number) { set_mask(number, false); }
    static constexpr uint32_t device_windows = 2;
    std::map<uint64_t, uint32_t> registers;  // of devices, by address
    uint64_t windows[device_windows] = {};   // what each shows
    volatile uint32_t* device_register(uint32_t window, base::PhysAddr address) {
        windows[window] = address.value;
        return &registers[address.value];
    }
    bool masked(uint32_t number) const {
        for (const auto& [place, line] : lines) {
            if (line.number == number) return line.masked;
        }
        return false;
    }
    // A port reads as it was last written.
    uint32_t port_in(uint32_t port, uint32_t) { return ports.contains(port) ? ports[port] : port ^ 0x55; }
    void port_out(uint32_t port, uint32_t, uint32_t value) { ports[port] = value; }

  private:
    void set_mask(uint32_t number, bool masked) {
        for (auto& [place, line] : lines) {
            if (line.number == number) line.masked = masked;
        }
    }

    Arena* arena_;
    uint64_t hardware_;
};
static_assert(contract::Machine<Machine>);

}  // namespace skerry::platform
