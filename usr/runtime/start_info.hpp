// What a spawner tells the program that it starts: DispatcherPage::startup points here. Read-only for the
// program. The first program of a core has none (startup = 0): it gets a BootInfo instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "platforms/base/result.hpp"

namespace skerry::runtime {

constexpr uint64_t start_info_magic = 0x736b'6572'7279'0002;
constexpr uint32_t arguments_maximum = 16;
constexpr uint32_t argument_bytes = 1024;
constexpr uint32_t name_bytes = 32;

struct StartInfo {
    uint64_t magic;
    uint64_t domain;      // DomainId word
    uint64_t parent;      // DomainId word of who asked for the program; 0 = nobody
    uint32_t core;        // dense index
    uint32_t core_count;  // cores online when it was started: a hint
    uint64_t stack_base;  // main stack, user addresses; the page below is never mapped
    uint64_t stack_size;
    uint64_t heap_base;  // range for the heap; nothing is mapped there yet
    uint64_t heap_size;
    uint64_t ring_address;  // of the URPC rings to this core's monitor; 0 = none
    uint64_t ring_size;     // bytes
    uint64_t free_base;     // user addresses [free_base, free_end) are the program's to map
    uint64_t free_end;
    uint64_t first_slot;  // first free index of CNode 0
    uint64_t flags;       // start_flags
    uint64_t word[4];     // between spawner and program
    uint32_t argument_count;
    uint32_t argument_offset[arguments_maximum];  // of each in `text`, zero-terminated
    char name[name_bytes];                        // zero-terminated
    char text[argument_bytes];

    std::string_view argument(uint32_t i) const { return i < argument_count ? text + argument_offset[i] : ""; }
    std::string_view program_name() const { return name; }
};
static_assert(sizeof(StartInfo) <= 4096);
static_assert(offsetof(StartInfo, name) == 212);  // where tools/gdb/cores.py looks for it

namespace start_flags {
constexpr uint64_t service = 1;  // part of the system: its end is an event worth a line
constexpr uint64_t member = 2;   // one more core of a program: begins at word[0], with its argument word[1]
}  // namespace start_flags

// Packs name and arguments. `out_of_range`: more than 16 arguments or 1 KiB, an argument with a zero byte, or
// a name of 32 bytes or more; `info` is unchanged then.
base::Status pack_arguments(StartInfo& info, std::string_view name, std::span<const std::string_view> arguments);

// Whether the arguments lie within `text` and end there: a program believes its spawner, but not blindly.
bool arguments_valid(const StartInfo& info);

}  // namespace skerry::runtime
