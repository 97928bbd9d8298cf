#include "usr/test/juggle/pairs.hpp"

#include "capabilities/interface/system_call.hpp"
#include "capabilities/type.hpp"
#include "usr/test/juggle/leader.hpp"

namespace skerry::usr::test::juggle {

namespace {

namespace flags = capabilities::map_flags;

constexpr uint32_t ram = static_cast<uint32_t>(Type::ram), frame = static_cast<uint32_t>(Type::frame),
                   cnode = static_cast<uint32_t>(Type::cnode), all = 0xff;
constexpr uint32_t fewer = static_cast<uint32_t>(Rights::retype | Rights::read);
constexpr uint64_t page = base::page_size;
constexpr uint32_t shared_ram = 0, shared_frame = 1, part = 2, made = 3, second_made = 4, gift = 5;  // places

constexpr Operation make(Kind kind, uint32_t from, uint32_t to, uint32_t rights = all) {
    return {.kind = kind,
            .hand = 0,
            .from = from,
            .to = to,
            .rights = rights,
            .type = 0,
            .offset = 0,
            .size = 0,
            .receiver = 1,
            .begin = 0};
}
constexpr Operation make_retype(uint32_t from, uint32_t to, uint32_t type, uint64_t offset, uint64_t size) {
    Operation operation = make(Kind::retype, from, to);
    operation.type = type, operation.offset = offset, operation.size = size;
    return operation;
}
constexpr Operation by(uint32_t hand, Operation operation) {
    operation.hand = hand, operation.receiver = 1 - hand;
    return operation;
}

constexpr uint32_t writable = flags::read | flags::write;
constexpr NamedOperation operations[] = {
    {"copy", make(Kind::copy, shared_ram, made)},
    {"mint", make(Kind::mint, shared_ram, made, fewer)},
    {"move", make(Kind::move, shared_ram, made)},
    {"delete", make(Kind::remove, shared_ram, 0)},
    {"delete_frame", make(Kind::remove, shared_frame, 0)},
    {"delete_tree", make(Kind::remove, tree_place, 0)},
    {"retype", make_retype(shared_ram, second_made, ram, 0, page)},
    {"retype_frame", make_retype(shared_ram, second_made, frame, page, page)},
    {"revoke", make(Kind::revoke, shared_ram, 0)},
    {"revoke_frame", make(Kind::revoke, shared_frame, 0)},
    {"map", make(Kind::map, shared_frame, 1, writable)},  // and protect
    {"unmap", make(Kind::unmap, 0, 0)},
    {"give", make(Kind::give, shared_ram, gift)},
    {"give_frame", make(Kind::give, shared_frame, gift)},
    {"give_out_of_tree", make(Kind::give, first_inner, gift)},
    {"give_into_tree", make(Kind::give, shared_ram, first_inner + inner_places - 1)},
    {"give_back", make(Kind::renew, 0, 0)},  // the whole block, to the memory service
};

constexpr Operation set_up[] = {
    by(0, make_retype(block_place, shared_ram, ram, 0, 4 * page)),
    by(0, make_retype(block_place, shared_frame, frame, 8 * page, page)),
    by(0, make_retype(block_place, tree_place, cnode, 12 * page, 1024)),
    by(0, make(Kind::copy, shared_ram, first_inner)),
    by(0, make(Kind::copy, shared_frame, first_inner + 1)),
    by(0, make(Kind::give, shared_ram, shared_ram)),
    by(0, make(Kind::give, shared_frame, shared_frame)),
    by(0, make(Kind::map, shared_frame, 0, writable)),
    by(1, make(Kind::map, shared_frame, 0, writable)),
    by(1, make_retype(block_place, tree_place, cnode, 12 * page, 1024)),
    by(1, make(Kind::copy, shared_ram, first_inner)),
    by(1, make_retype(shared_ram, part, ram, 2 * page, page)),
};

}  // namespace

std::span<const NamedOperation> pair_operations() {
    return operations;
}

bool find_operation(std::string_view name, uint32_t hand, Operation& operation) {
    for (const NamedOperation& named : operations) {
        if (named.name != name) continue;
        operation = by(hand, named.operation);
        return true;
    }
    return false;
}

Status Leader::pair(const Operation& one, const Operation& other) {
    for (const Operation& operation : set_up) {
        SKERRY_CHECK(alone(operation));
        ++done_;
    }
    constexpr uint64_t settles_in = 1'000'000'000;  // ns
    uint64_t begin = session_.loop.program().dispatcher.now() + settles_in;
    std::array<Step, 2> step{Step{one}, Step{other}};
    for (Step& each : step) each.operation.begin = begin;
    return together(step, true);
}

}  // namespace skerry::usr::test::juggle
