#include "usr/bench/shootdown/marks.hpp"

#include "platform/user/context.hpp"

extern "C" {

[[gnu::noipa]] void skerry_shootdown_begin() {}
[[gnu::noipa]] void skerry_shootdown_end() {}

[[gnu::noipa]] bool skerry_shootdown_wait(const skerry::urpc::group::Group* group, const std::atomic<uint64_t>* word,
                                          uint64_t value) {
    constexpr uint32_t looks = 256;
    for (uint32_t i = 0; i < looks; ++i) {
        // Acquire: what the writer of the word did before is seen.
        if (group != nullptr ? group->arrived() : word->load(std::memory_order_acquire) == value) return true;
        skerry::platform::pause();
    }
    return false;
}
}
