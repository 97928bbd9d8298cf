#include "usr/bench/shootdown/marks.hpp"

#include "platform/user/context.hpp"

extern "C" {

[[gnu::noipa]] void skerry_shootdown_begin() {}
[[gnu::noipa]] void skerry_shootdown_end() {}

[[gnu::noipa]] bool skerry_shootdown_wait(const skerry::urpc::group::Group& group) {
    constexpr uint32_t looks = 256;
    for (uint32_t i = 0; i < looks; ++i) {
        if (group.arrived()) return true;
        skerry::platform::pause();
    }
    return false;
}
}
