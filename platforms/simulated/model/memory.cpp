#include "platforms/simulated/model/memory.hpp"

#include <sys/mman.h>

#include <new>

namespace skerry::simulated::model {

Memory::Memory(uint64_t most_bytes) : most_(most_bytes) {
    void* got = mmap(nullptr, most_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (got == MAP_FAILED) throw std::bad_alloc();
    base_ = static_cast<std::byte*>(got);
}

Memory::~Memory() {
    munmap(base_, most_);
}

std::byte* Memory::take(uint32_t node, uint64_t bytes) {
    bytes = (bytes + page_bytes - 1) / page_bytes * page_bytes;
    if (bytes > most_ - used_) throw std::bad_alloc();
    std::byte* place = base_ + used_;
    used_ += bytes;
    homes_.resize(used_ / page_bytes, node);
    return place;
}

}  // namespace skerry::simulated::model
