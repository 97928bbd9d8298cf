// Sequences of operations that a random run has once shown to go wrong, or that are too rare in one to wait for.
#pragma once

#include "usr/test/juggle/leader.hpp"

namespace skerry::usr::test::juggle {

struct Case {
    std::string_view name;
    std::span<const Turn> turns;
};
std::span<const Case> all_cases();

}  // namespace skerry::usr::test::juggle
