// Which cores take part: all of a machine of up to 32; of a larger one at most as many, from all over it, so that measuring takes as
// long however many there are.
//
//   1. the root, and the first core of each other package; where these would be more than half, evenly chosen packages
//   2. by turns one more of each of these packages, the root's first, until there are 32
//
// So both classes of the rules, within a package and between two (skb/rules/logp.pl), are there as long as the machine has both.
#pragma once

#include <cstdint>
#include <span>

#include "platforms/base/ids.hpp"

namespace skerry::usr::prices {

constexpr uint32_t members_maximum = 32;  // that take part

struct Place {
    base::CoreId core;
    base::PackageId package;
};

// The first place is the root, and stays it; at most urpc::machine_cores_maximum, each core once. Those that take part are moved to
// the front, in their order. -> how many they are.
uint32_t choose_members(std::span<Place> places);

}  // namespace skerry::usr::prices
