// Two operations that get in each other's way, each on its own core, begun at one moment: `juggle pair ONE OTHER`. A
// simulated machine has them meet in every order (platforms/simulated/pairs.hpp).
//
//   hand 0 owns   R, 16 KiB of RAM at place 0       hand 1 has R and F at its places 0 and 1, F mapped in window 0,
//                 F, a frame at 1, in window 0               and a part of R at place 2
//   and both have a CNode with a copy of R (of F, too, at hand 0) in it
#pragma once

#include <span>
#include <string_view>

#include "usr/test/juggle/protocol.hpp"

namespace skerry::usr::test::juggle {

constexpr uint32_t pair_hands = 2;

struct NamedOperation {
    std::string_view name;
    Operation operation;  // but for the hand and the receiver
};
std::span<const NamedOperation> pair_operations();
// By that name, done by `hand`, whose gifts go to the other. False: there is none.
bool find_operation(std::string_view name, uint32_t hand, Operation& operation);

}  // namespace skerry::usr::test::juggle
