// Where the rings of a plan lie. Each member lends zeroed memory at its own node; a ring lies where its edge says, so
// who is to use it maps that member's memory. Every member works the layout out for itself from the plan.
//
//   lent by member 0   | down 0 -> 1 | up 1 -> 0 | down 0 -> 4 | ...      each: one line of state, `window` lines
//   lent by member 4   | down 4 -> 5 | up 5 -> 4 | ...
//
// Where a member is interrupted, one ring's space is for the line that its driver and the root share.
#pragma once

#include "urpc/group/ends.hpp"

namespace skerry::urpc::group {

struct RingPlace {
    Member at;
    uint32_t offset = 0;  // bytes
};

class Layout {
  public:
    // `tree` is of this plan. Window as in Group.
    Layout(const Plan& plan, const Tree& tree, uint32_t window);

    // By child. Children of one parent have the same `down` where they share a line.
    RingPlace down(Member child) const { return down_[child.value]; }
    // Where a member is interrupted, the line that its driver answers in is at the beginning of `up`; `down` is not used.
    RingPlace up(Member child) const { return up_[child.value]; }
    // What a member lends; 0 = nothing.
    uint32_t bytes(Member member) const { return bytes_[member.value]; }
    // Does `member` read or write a ring that lies in what `lender` lends?
    bool uses(const Tree& tree, Member member, Member lender) const;

  private:
    RingPlace take(Member at, uint32_t window);

    std::array<RingPlace, most_members> down_{}, up_{};
    std::array<uint32_t, most_members> bytes_{};
};

// Where the memory is that members lend: the platform's, or the simulated machine's, part of a group.
class LentMemory {
  public:
    // Null: it is not here.
    virtual std::byte* of(Member lender) = 0;

  protected:
    ~LentMemory() = default;
};

// Fills in the ends of one member, none of whom sleeps. Errors: full (more children than there is storage for),
// not_found (a lender's memory is not here).
template <size_t MostChildren>
Status fill(Ends<MostChildren>& ends, const Plan& plan, const Tree& tree, const Layout& layout, Member self,
            LentMemory& memory) {
    auto at = [&memory](RingPlace place) -> std::byte* {
        std::byte* base = memory.of(place.at);
        return base == nullptr ? nullptr : base + place.offset;
    };
    size_t index = 0;
    for (Member child : tree.children(self)) {
        std::byte *down = at(layout.down(child)), *up = at(layout.up(child));
        if (down == nullptr || up == nullptr) return Error::not_found;
        bool fits = ends.child(child, RingView(up));
        if (fits && (index++ == 0 || plan.means != Means::shared_line)) fits = ends.send_on(RingView(down));
        if (!fits) return Error::full;
    }
    // Who has nobody below is done first: the others' answers come while theirs are taken.
    for (bool leaves : {true, false}) {
        index = 0;
        for (Member child : tree.children(self)) {
            if (tree.children(child).empty() == leaves) ends.answers_next(index);
            ++index;
        }
    }
    if (self == tree.root()) return {};
    std::byte *down = at(layout.down(self)), *up = at(layout.up(self));
    if (down == nullptr || up == nullptr) return Error::not_found;
    ends.parent(tree.parent(self), RingView(down), RingView(up));
    return {};
}

}  // namespace skerry::urpc::group
