#include "usr/prices/pairs.hpp"

#include "platforms/base/assert.hpp"

namespace skerry::usr::prices {

void Pairs::add(uint32_t one, uint32_t other) {
    if (one == other || known_[one][other] || count_ + 2 > pairs_maximum) return;
    known_[one][other] = known_[other][one] = true;
    pairs_[count_++] = {one, other};
    pairs_[count_++] = {other, one};
}

template <typename Wanted>
void Pairs::add_where(Wanted&& wanted) {
    for (uint32_t i = 0; i < places_.size(); ++i) {
        for (uint32_t j = i + 1; j < places_.size(); ++j) {
            if (wanted(i, j)) add(i, j);
        }
    }
}

Pairs::Pairs(std::span<const Place> places) : places_(places) {
    SKERRY_ASSERT(places.size() <= members_maximum);
    static_assert(4 * (members_maximum - 1) <= pairs_maximum);
    static_assert(all_pairs_up_to * (all_pairs_up_to - 1) <= pairs_maximum && pairs_maximum % 2 == 0);
    if (places.size() <= all_pairs_up_to) {
        add_where([](uint32_t, uint32_t) { return true; });
        return;
    }
    std::array<bool, members_maximum> first{};  // of its package; the root is the first of all
    for (uint32_t i = 0; i < places.size(); ++i) {
        first[i] = true;
        for (uint32_t j = 0; j < i; ++j) {
            if (places[i].package == places[j].package) first[i] = false;
        }
    }
    auto together = [&](uint32_t i, uint32_t j) { return places[i].package == places[j].package; };
    add_where([](uint32_t i, uint32_t) { return i == 0; });
    add_where([&](uint32_t i, uint32_t j) { return first[i] && together(i, j); });
    add_where([&](uint32_t i, uint32_t j) { return first[i] && first[j]; });
    add_where(together);
}

}  // namespace skerry::usr::prices
