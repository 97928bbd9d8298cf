// Which operations a leader chooses: from its seed, and so that hands get in each other's way.
#include <algorithm>

#include "capabilities/interface/system_call.hpp"
#include "usr/test/juggle/leader.hpp"

namespace skerry::usr::test::juggle {

// A step of a linear congruential generator (Knuth's MMIX constants); its high bits are used.
uint64_t Leader::below(uint64_t limit) {
    random_ = random_ * 6364136223846793005 + 1442695040888963407;
    return (random_ >> 33) % limit;
}

uint32_t Leader::some_place(uint32_t hand, bool filled) {
    auto first = static_cast<uint32_t>(below(places));
    for (uint32_t i = 0; i < places; ++i) {
        uint32_t place = (first + i) % places;
        if (model_.at(hand, place).empty() != filled) return place;
    }
    return first;
}

// Whether another hand holds it, too, or something that one was made of and the other is.
bool Leader::concerns_others(uint32_t hand, const Item& item) const {
    for (uint32_t other = 0; other < hands_; ++other) {
        for (uint32_t place = 0; place < all_places && other != hand; ++place) {
            const Item& there = model_.at(other, place);
            bool block = place == block_place;  // around all that was made of it
            if (!there.empty() && !block &&
                (same(item, there) || juggle::below(item, there) || juggle::below(there, item)))
                return true;
        }
    }
    return false;
}

// One that makes trouble for others, if there is one.
uint32_t Leader::some_shared(uint32_t hand, bool memory) {
    auto first = static_cast<uint32_t>(below(block_place + 1));
    uint32_t found = first;
    for (uint32_t i = 0; i <= block_place; ++i) {
        uint32_t place = (first + i) % (block_place + 1);
        const Item& item = model_.at(hand, place);
        if (item.empty() || (memory && item.type != Type::ram)) continue;
        if (concerns_others(hand, item)) return place;
        found = place;
    }
    return found;
}

void Leader::choose_retype(Operation& o, const Item& source) {
    constexpr Type types[] = {Type::ram, Type::ram, Type::frame, Type::frame, Type::cnode, Type::endpoint, Type::vnode};
    Type type = types[below(7)];
    bool small = type == Type::cnode || type == Type::endpoint;
    o.type = static_cast<uint32_t>(type);
    o.size = small ? 1024 : base::page_size;
    if (type == Type::ram) o.size = base::page_size << below(4);
    if (type == Type::frame) o.size = base::page_size << below(2);
    // A CNode that stands where it can be used: it is in no other place.
    if (type == Type::cnode) o.to = tree_place;
    uint64_t units = std::max<uint64_t>(1, source.size / base::page_size);
    o.offset = base::page_size * below(units + (below(8) == 0));
}

Operation Leader::choose(uint32_t hand) {
    constexpr Kind kinds[] = {Kind::copy,   Kind::mint,   Kind::move, Kind::remove, Kind::remove, Kind::retype,
                              Kind::retype, Kind::retype, Kind::map,  Kind::map,    Kind::unmap,  Kind::give,
                              Kind::give,   Kind::give,   Kind::give, Kind::revoke, Kind::renew};
    namespace flags = capabilities::map_flags;
    Operation o{};
    o.kind = kinds[below(std::size(kinds))];
    if (o.kind == Kind::renew && below(4) != 0) o.kind = Kind::retype;
    o.hand = hand;
    o.from = some_place(hand, below(8) != 0);
    o.to = some_place(hand, below(8) == 0);
    bool of_block = o.kind == Kind::mint || o.kind == Kind::give;
    bool spares = o.kind != Kind::move && o.kind != Kind::remove;
    if ((of_block && below(4) == 0) || (spares && model_.at(hand, o.from).empty() && below(4) != 0))
        o.from = block_place;
    if (o.kind == Kind::retype && below(8) != 0) o.from = some_shared(hand, true);
    bool often = o.kind == Kind::give || o.kind == Kind::revoke || o.kind == Kind::map;
    if (often && below(2) == 0) o.from = some_shared(hand, false);
    o.rights = below(4) == 0 ? static_cast<uint32_t>(below(256)) : 0xff;
    const Item& source = model_.at(hand, o.from);
    if (o.kind == Kind::retype) choose_retype(o, source);
    bool fills = o.kind == Kind::copy || o.kind == Kind::mint || o.kind == Kind::move;
    if (fills && below(3) == 0) o.to = first_inner + static_cast<uint32_t>(below(inner_places));
    if (o.kind == Kind::remove && below(6) == 0) o.from = tree_place;
    bool out = o.kind == Kind::give || o.kind == Kind::move || o.kind == Kind::map || o.kind == Kind::revoke;
    if (out && below(4) == 0) o.from = first_inner + static_cast<uint32_t>(below(inner_places));
    if (o.kind == Kind::map || o.kind == Kind::unmap) {
        o.to = static_cast<uint32_t>(below(windows));
        o.rights = static_cast<uint32_t>(flags::read | (below(2) == 0 ? flags::write : 0));
    }
    if (o.kind == Kind::give) {
        o.receiver = static_cast<uint32_t>((hand + 1 + below(hands_ - 1)) % hands_);
        o.to = some_place(o.receiver, below(8) == 0);
    }
    return o;
}

// Half of the time one that gets in the way of `first`, if one such is found soon.
Operation Leader::choose_beside(const Operation& first, uint32_t hand) {
    const Item& object = model_.at(first.hand, first.from);
    uint32_t tries = below(2) == 0 ? 1 : 16;
    Operation chosen{};
    for (uint32_t i = 0; i < tries || chosen.kind == Kind::renew; ++i) {
        chosen = choose(hand);
        if (chosen.kind == Kind::renew && hand != first.hand) break;
        const Item& other = model_.at(hand, chosen.from);
        bool meets = same(object, other) || juggle::below(object, other) || juggle::below(other, object);
        if (meets && !object.empty() && !other.empty() && chosen.kind != Kind::renew) break;
    }
    return chosen;
}

}  // namespace skerry::usr::test::juggle
