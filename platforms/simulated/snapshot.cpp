#include "platforms/simulated/snapshot.hpp"

#include <sys/mman.h>

#include <cstring>
#include <new>

#include "platforms/base/assert.hpp"

namespace skerry::simulated {

namespace {

constexpr size_t page_bytes = 4096, written_maximum = size_t{1} << 19, signal_stack_bytes = 64 * 1024;

template <typename T>
T* map(size_t count) {
    void* memory =
        mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    return static_cast<T*>(memory);
}
template <typename T>
void unmap(T* memory, size_t count) {
    munmap(memory, count * sizeof(T));
}

}  // namespace

Snapshot*& Snapshot::current() {
    static constinit Snapshot* the_snapshot = nullptr;
    return the_snapshot;
}

Snapshot::Snapshot(std::span<const Range> ranges)
    : places_(map<std::byte*>(written_maximum)),
      saved_(map<std::byte>(written_maximum * page_bytes)),
      signal_stack_(map<std::byte>(signal_stack_bytes)) {
    SKERRY_ASSERT(ranges.size() <= ranges_maximum && current() == nullptr);
    for (Range range : ranges) {
        SKERRY_ASSERT(reinterpret_cast<uintptr_t>(range.data()) % page_bytes == 0 && range.size() % page_bytes == 0);
        parts_[part_count_++] = {range, map<Page>(range.size() / page_bytes)};
    }
    current() = this;
    stack_t stack{.ss_sp = signal_stack_, .ss_flags = 0, .ss_size = signal_stack_bytes};
    sigaltstack(&stack, &stack_before_);
    struct sigaction action {};
    action.sa_sigaction = &fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGSEGV, &action, &action_before_);
    for (Range range : ranges) mprotect(range.data(), range.size(), PROT_READ);
}

Snapshot::~Snapshot() {
    for (const Part& part : parts_) {
        if (part.pages == nullptr) continue;
        mprotect(part.range.data(), part.range.size(), PROT_READ | PROT_WRITE);
        unmap(part.pages, part.range.size() / page_bytes);
    }
    current() = nullptr;
    unmap(places_, written_maximum);
    unmap(saved_, written_maximum * page_bytes);
    sigaction(SIGSEGV, &action_before_, nullptr);
    sigaltstack(&stack_before_, nullptr);
    unmap(signal_stack_, signal_stack_bytes);
}

Snapshot::Page* Snapshot::find(const void* place) {
    for (size_t i = 0; i < part_count_; ++i) {
        size_t offset = static_cast<size_t>(static_cast<const std::byte*>(place) - parts_[i].range.data());
        if (offset < parts_[i].range.size()) return &parts_[i].pages[offset / page_bytes];
    }
    return nullptr;
}

// The first store to a page. False: it is something else.
bool Snapshot::note(void* place) {
    Page* page = find(place);
    if (page == nullptr || *page == Page::written || written_ == written_maximum) return false;
    auto* begin = reinterpret_cast<std::byte*>(reinterpret_cast<uintptr_t>(place) / page_bytes * page_bytes);
    std::memcpy(saved_ + written_ * page_bytes, begin, page_bytes);
    if (mprotect(begin, page_bytes, PROT_READ | PROT_WRITE) != 0) return false;
    places_[written_++] = begin;
    *page = Page::written;
    return true;
}

// What is none of ours happens again, and ends the process.
void Snapshot::fault(int, siginfo_t* info, void*) {
    if (!current()->note(info->si_addr)) signal(SIGSEGV, SIG_DFL);
}

void Snapshot::restore() {
    for (size_t i = 0; i < written_; ++i) std::memcpy(places_[i], saved_ + i * page_bytes, page_bytes);
}

bool Snapshot::untouched_zero(std::byte* place) {
    Page* page = find(place);
    if (page == nullptr) return false;
    if (*page == Page::unknown) {
        bool zero = *place == std::byte{0} && std::memcmp(place, place + 1, page_bytes - 1) == 0;
        *page = zero ? Page::zero : Page::other;
    }
    return *page == Page::zero;
}

bool Snapshot::clear(std::byte* begin, size_t bytes) {
    Snapshot* snapshot = current();
    if (snapshot == nullptr) return false;
    for (std::byte* page = begin; page < begin + bytes; page += page_bytes) {
        if (!snapshot->untouched_zero(page)) std::memset(page, 0, page_bytes);
    }
    return true;
}

}  // namespace skerry::simulated
