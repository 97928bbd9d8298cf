#include "usr/prices/sample.hpp"

#include <algorithm>
#include <array>

#include "platforms/base/assert.hpp"
#include "urpc/protocols/machine_info.hpp"

namespace skerry::usr::prices {

namespace {

class Sample {
  public:
    explicit Sample(std::span<const Place> places) : places_(places) {
        for (uint32_t i = 0; i < places_.size(); ++i) {
            if (first_of_package(i)) heads_[head_count_++] = i;
        }
    }
    bool takes_part(uint32_t index) const { return member_[index]; }
    void choose() {
        choose_heads();
        for (bool found = true; found;) {
            found = false;
            for (uint32_t i = 0; i < head_count_; ++i) found |= add_one_of(heads_[i]);
        }
        SKERRY_ASSERT(count_ <= members_maximum && member_[0]);
    }

  private:
    bool first_of_package(uint32_t index) const {
        auto before = places_.first(index);
        return std::none_of(before.begin(), before.end(),
                            [&](const Place& place) { return place.package == places_[index].package; });
    }
    void add(uint32_t index) {
        SKERRY_ASSERT(!member_[index] && count_ < members_maximum);
        member_[index] = true;
        ++count_;
    }
    // The root is the first; those that are not chosen are heads no more.
    void choose_heads() {
        uint32_t others = head_count_ - 1, kept = std::min(others, members_maximum / 2);
        for (uint32_t i = 0; i < kept; ++i) heads_[1 + i] = heads_[1 + i * others / kept];
        head_count_ = 1 + kept;
        for (uint32_t i = 0; i < head_count_; ++i) add(heads_[i]);
    }
    bool add_one_of(uint32_t head) {
        if (count_ == members_maximum) return false;
        for (uint32_t i = head + 1; i < places_.size(); ++i) {
            if (member_[i] || places_[i].package != places_[head].package) continue;
            add(i);
            return true;
        }
        return false;
    }

    std::span<const Place> places_;
    std::array<bool, urpc::machine_cores_maximum> member_{};
    std::array<uint32_t, urpc::machine_cores_maximum> heads_{};
    uint32_t head_count_ = 0, count_ = 0;
};

}  // namespace

uint32_t choose_members(std::span<Place> places) {
    SKERRY_ASSERT(places.size() <= urpc::machine_cores_maximum);
    if (places.size() <= members_maximum) return static_cast<uint32_t>(places.size());
    Sample sample(places);
    sample.choose();
    uint32_t kept = 0;
    for (uint32_t i = 0; i < places.size(); ++i) {
        if (sample.takes_part(i)) places[kept++] = places[i];
    }
    return kept;
}

}  // namespace skerry::usr::prices
