#include "usr/test/juggle/cases.hpp"

namespace skerry::usr::test::juggle {

namespace {

constexpr uint32_t all_rights = 0xff;
constexpr uint64_t page = base::page_size;

constexpr Turn make(uint32_t hand, uint32_t from, uint32_t to, Type type, uint64_t offset, uint64_t size) {
    return {{Kind::retype, hand, from, to, all_rights, static_cast<uint32_t>(type), offset, size, 0, 0}};
}
constexpr Turn give(uint32_t hand, uint32_t from, uint32_t receiver, uint32_t to) {
    return {{Kind::give, hand, from, to, all_rights, 0, 0, 0, receiver, 0}};
}
constexpr Turn move(uint32_t hand, uint32_t from, uint32_t to) {
    return {{Kind::move, hand, from, to, all_rights, 0, 0, 0, 0, 0}};
}
constexpr Turn remove(uint32_t hand, uint32_t from) {
    return {{Kind::remove, hand, from, 0, all_rights, 0, 0, 0, 0, 0}};
}
constexpr Turn revoke(uint32_t hand, uint32_t from) {
    return {{Kind::revoke, hand, from, 0, all_rights, 0, 0, 0, 0, 0}};
}

// Memory lies in a CNode that was made of it. A revoke through that very slot takes the CNode, and the slot with it;
// all else that was made of it goes, too, here and on the core that it was given to.
constexpr Turn revoke_from_inside[] = {
    make(0, block_place, 0, Type::ram, 0, 8 * page),
    make(0, 0, tree_place, Type::cnode, 0, 1024),
    make(0, 0, 1, Type::frame, page, page),
    make(0, 0, 2, Type::frame, 2 * page, page),
    give(0, 1, 1, 0),
    give(0, 2, 2, 0),
    move(0, 0, first_inner + 1),
    revoke(0, first_inner + 1),
    make(0, block_place, 0, Type::ram, 0, 8 * page),
};
// The same with nobody else concerned, and from the first slot, where the driver buries the CNode.
constexpr Turn revoke_from_inside_alone[] = {
    make(0, block_place, 0, Type::ram, 0, 8 * page),
    make(0, 0, tree_place, Type::cnode, 0, 1024),
    make(0, 0, 1, Type::frame, page, page),
    make(0, 0, 2, Type::frame, 2 * page, page),
    move(0, 0, first_inner),
    revoke(0, first_inner),
    make(0, block_place, 0, Type::ram, 0, 8 * page),
};

// Hand 1 makes a part of another core's memory, and a part of that, which it gives away first, so that the owner hears of
// the inner one first.
constexpr Turn part_around_a_part[] = {
    give(0, block_place, 1, 0),
    make(1, 0, 1, Type::ram, 4 * page, 4 * page),
    make(1, 1, 2, Type::ram, page, page),
    give(1, 2, 2, 0),
    give(1, 1, 2, 1),
    make(2, 1, 2, Type::ram, page, page),
    make(2, 1, 2, Type::ram, 2 * page, page),
    revoke(1, 1),
    give(1, 1, 0, 3),
};

// The same, but the hand forgets the inner part, which another hand still has, and makes something of the outer one, or revokes
// it: nobody but the owner knows what lies there.
constexpr Turn forgotten_part[] = {
    give(0, block_place, 1, 0),
    make(1, 0, 1, Type::ram, 4 * page, 4 * page),
    make(1, 1, 2, Type::ram, page, page),
    give(1, 2, 2, 0),
    remove(1, 2),
    make(1, 1, 2, Type::ram, 0, 2 * page),
    make(1, 1, 2, Type::ram, 2 * page, page),
    revoke(1, 1),
    make(1, 1, 2, Type::ram, 0, 2 * page),
};

constexpr Case cases[] = {
    {"revoke from inside", revoke_from_inside},
    {"revoke from inside, alone", revoke_from_inside_alone},
    {"part around a part", part_around_a_part},
    {"forgotten part", forgotten_part},
};

}  // namespace

std::span<const Case> all_cases() {
    return cases;
}

}  // namespace skerry::usr::test::juggle
