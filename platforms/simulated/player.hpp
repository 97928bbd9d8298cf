// For processes that play a booted machine many times, from a snapshot: what lies where no snapshot sees it.
#pragma once

#include <sys/mman.h>
#include <time.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

#include "platforms/base/ids.hpp"

extern "C" char __data_start, _end;  // the linker's

namespace skerry::simulated {

constexpr size_t player_stack_bytes = 256 * 1024;
inline std::byte* player_stack() {
    void* memory = mmap(nullptr, player_stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    return static_cast<std::byte*>(memory);
}

// Zeros that all processes share which are forked from now on.
template <typename T>
T* shared_memory() {
    void* memory = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    return static_cast<T*>(memory);
}

// This program's own variables.
inline std::span<std::byte> statics() {
    auto first = reinterpret_cast<uintptr_t>(&__data_start) / base::page_size * base::page_size;
    auto end = base::round_up(reinterpret_cast<uintptr_t>(&_end), base::page_size);
    return {reinterpret_cast<std::byte*>(first), end - first};
}

inline double host_seconds() {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace skerry::simulated
