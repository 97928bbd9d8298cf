#include "capabilities/rules.hpp"

#include <catch2/catch.hpp>

using namespace skerry::capabilities;
using skerry::base::Error;

namespace {
constexpr uint32_t levels = 4;
const Capability ram{.type = Type::ram, .rights = info(Type::ram).rights, .base = 0x100000, .size = 0x100000};
Capability with(Capability cap, auto change) {
    change(cap);
    return cap;
}
Error retype(const Capability& source, RetypeRequest request) {
    return check_retype(source, request, levels);
}
}  // namespace

TEST_CASE("what may be retyped to what", "[rules]") {
    auto allowed = [&](Type type, uint64_t size, uint8_t level = 0) {
        return retype(ram, {type, level, 0, size, 1}) == Error::none;
    };
    CHECK(allowed(Type::ram, 1024));
    CHECK(allowed(Type::frame, 3 * 4096));
    CHECK(allowed(Type::frame, 0x100000));
    CHECK(allowed(Type::cnode, 65536));
    CHECK(allowed(Type::dispatcher, 4096));
    CHECK(allowed(Type::endpoint, 1024));
    CHECK(allowed(Type::vnode, 4096, 4));
    CHECK(retype(ram, {Type::device_memory, 0, 0, 4096, 1}) == Error::wrong_type);
    CHECK(retype(ram, {Type::mapping, 0, 0, 4096, 1}) == Error::wrong_type);
    CHECK(retype(ram, {Type::null, 0, 0, 4096, 1}) == Error::wrong_type);
    CHECK(retype(ram, {Type{200}, 0, 0, 4096, 1}) == Error::invalid_argument);
    Capability frame{.type = Type::frame, .rights = Rights::all, .base = 0, .size = 8192, .extra = 8192};
    CHECK(retype(frame, {Type::frame, 0, 0, 4096, 1}) == Error::wrong_type);
    CHECK(retype({}, {Type::frame, 0, 0, 4096, 1}) == Error::no_capability);
}

TEST_CASE("sizes, levels, alignment and ranges of retype", "[rules]") {
    CHECK(retype(ram, {Type::frame, 0, 0, 4096, 0}) == Error::invalid_argument);
    CHECK(retype(ram, {Type::frame, 0, 0, 0, 1}) == Error::invalid_argument);
    CHECK(retype(ram, {Type::frame, 0, 0, 5000, 1}) == Error::misaligned);
    CHECK(retype(ram, {Type::frame, 0, 1024, 4096, 1}) == Error::misaligned);
    CHECK(retype(ram, {Type::frame, 1, 0, 4096, 1}) == Error::invalid_argument);
    CHECK(retype(ram, {Type::vnode, 0, 0, 4096, 1}) == Error::invalid_argument);
    CHECK(retype(ram, {Type::vnode, 5, 0, 4096, 1}) == Error::invalid_argument);
    CHECK(retype(ram, {Type::vnode, 1, 0, 8192, 1}) == Error::invalid_argument);
    CHECK(retype(ram, {Type::cnode, 0, 0, 512, 1}) == Error::invalid_argument);
    CHECK(retype(ram, {Type::cnode, 0, 0, 131072, 1}) == Error::invalid_argument);
    CHECK(retype(ram, {Type::cnode, 0, 0, 3072, 1}) == Error::invalid_argument);
    CHECK(retype(ram, {Type::cnode, 0, 4096, 16384, 1}) == Error::misaligned);
    CHECK(retype(ram, {Type::frame, 0, 0, 4096, 256}) == Error::none);
    CHECK(retype(ram, {Type::frame, 0, 0, 4096, 257}) == Error::out_of_range);
    CHECK(retype(ram, {Type::frame, 0, 0x100000, 4096, 1}) == Error::out_of_range);
    CHECK(retype(ram, {Type::frame, 0, 0xfffffffffffff000, 4096, 1}) == Error::out_of_range);
    CHECK(retype(ram, {Type::frame, 0, 4096, 4096, ~uint64_t{0}}) == Error::out_of_range);
    CHECK(retype(ram, {Type::ram, 0, 0, ram.size, 1}) == Error::invalid_argument);
}

TEST_CASE("retype needs its right, a living source and this core's memory", "[rules]") {
    auto no_right = with(ram, [](Capability& c) { c.rights = c.rights & ~Rights::retype; });
    auto dying = with(ram, [](Capability& c) { c.flags |= flag_zombie; });
    auto other = with(ram, [](Capability& c) { c.flags |= flag_foreign; });
    CHECK(retype(no_right, {Type::frame, 0, 0, 4096, 1}) == Error::no_right);
    CHECK(retype(dying, {Type::frame, 0, 0, 4096, 1}) == Error::busy);
    for (Type type : {Type::frame, Type::cnode, Type::dispatcher, Type::endpoint, Type::vnode}) {
        uint8_t level = type == Type::vnode;
        CHECK(retype(other, {type, level, 0, 4096, 1}) == Error::refused);
    }
    CHECK(retype(other, {Type::ram, 0, 0, 4096, 1}) == Error::none);
    CHECK(foreign(retyped(other, {Type::ram, 0, 0, 4096, 1}, 0)));
}

TEST_CASE("retype gives the new type's rights but none that the source gave up", "[rules]") {
    CHECK(retyped(ram, {Type::frame, 0, 0, 4096, 1}, 0).rights == info(Type::frame).rights);
    auto kept = with(ram, [](Capability& c) { c.rights = Rights::retype; });
    CHECK(retyped(kept, {Type::frame, 0, 0, 4096, 1}, 0).rights == (memory_rights | Rights::revoke));
    Capability device{.type = Type::device_memory, .rights = Rights::read | Rights::retype, .base = 0, .size = 8192};
    CHECK(retyped(device, {Type::device_memory, 0, 0, 4096, 1}, 0).rights == (device.rights | Rights::revoke));
    Capability third = retyped(ram, {Type::endpoint, 0, 2048, 1024, 8}, 3);
    CHECK(third.base == ram.base + 2048 + 3 * 1024);
    CHECK(third.size == 1024);
}

TEST_CASE("copies and badges", "[rules]") {
    Capability endpoint{.type = Type::endpoint, .rights = Rights::all, .base = 0, .size = 1024};
    CHECK(check_mint(endpoint, 7) == Error::none);
    CHECK(minted(endpoint, Rights::send, 7).badge == 7);
    CHECK(minted(endpoint, Rights::send, 7).rights == Rights::send);
    CHECK(check_mint(minted(endpoint, Rights::all, 7), 8) == Error::refused);
    CHECK(check_mint(minted(endpoint, Rights::all, 7), 0) == Error::none);
    CHECK(minted(minted(endpoint, Rights::all, 7), Rights::all, 0).badge == 7);
    CHECK(check_mint(ram, 7) == Error::wrong_type);
    CHECK(check_copy({}) == Error::no_capability);
    CHECK(check_copy({.type = Type::mapping, .size = 4096}) == Error::refused);
    CHECK(check_copy({.type = Type::frame, .size = 8192, .extra = 4096}) == Error::unclean);
    CHECK(check_copy({.type = Type::frame, .size = 8192, .extra = 8192}) == Error::none);
    CHECK(check_copy({.type = Type::ram, .flags = flag_zombie, .size = 8192}) == Error::busy);
}

TEST_CASE("mappings: never writable and executable, never more than held", "[rules]") {
    using map_flags::device, map_flags::write_back, map_flags::write_combining;
    constexpr uint64_t r = map_flags::read, w = map_flags::write, x = map_flags::execute;
    constexpr Rights all = memory_rights;
    CHECK(check_mapping(Type::frame, all, r) == Error::none);
    CHECK(check_mapping(Type::frame, all, r | w) == Error::none);
    CHECK(check_mapping(Type::frame, all, r | x) == Error::none);
    CHECK(check_mapping(Type::frame, all, r | w | x) == Error::refused);
    CHECK(check_mapping(Type::frame, all, w) == Error::invalid_argument);
    CHECK(check_mapping(Type::frame, all, 0) == Error::invalid_argument);
    CHECK(check_mapping(Type::frame, all, r | 1 << 5) == Error::invalid_argument);
    CHECK(check_mapping(Type::frame, all, r | uint64_t{1} << 40) == Error::invalid_argument);
    CHECK(check_mapping(Type::frame, Rights::read, r | w) == Error::no_right);
    CHECK(check_mapping(Type::frame, Rights::write, r | w) == Error::no_right);
    CHECK(check_mapping(Type::frame, all, r | device) == Error::invalid_argument);
    CHECK(check_mapping(Type::frame, all, r | write_combining) == Error::none);
    CHECK(check_mapping(Type::device_memory, all, r | device) == Error::none);
    CHECK(check_mapping(Type::device_memory, all, r | write_back) == Error::invalid_argument);
    CHECK(check_mapping(Type::ram, all, r) == Error::wrong_type);
    CHECK(check_mapping(Type::cnode, all, r) == Error::wrong_type);
}

TEST_CASE("shapes that no object has are refused", "[rules]") {
    CHECK(check_shape(ram, levels) == Error::none);
    CHECK(check_shape({}, levels) == Error::invalid_argument);
    CHECK(check_shape({.type = Type{99}, .size = 4096}, levels) == Error::invalid_argument);
    CHECK(check_shape(with(ram, [](Capability& c) { c.rights = Rights::all; }), levels) == Error::invalid_argument);
    CHECK(check_shape(with(ram, [](Capability& c) { c.base = 1; }), levels) == Error::misaligned);
    CHECK(check_shape(with(ram, [](Capability& c) { c.size = 1025; }), levels) == Error::misaligned);
    CHECK(check_shape(with(ram, [](Capability& c) { c.base = ~uint64_t{1023}; }), levels) == Error::invalid_argument);
    CHECK(check_shape({.type = Type::device_ports, .base = 0, .size = 65537}, levels) == Error::invalid_argument);
    CHECK(check_shape({.type = Type::device_ports, .base = 0x3f8, .size = 8}, levels) == Error::none);
}
