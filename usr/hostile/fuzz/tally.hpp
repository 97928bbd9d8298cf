// What a fuzzer has done: each kind of call by its outcome.
#pragma once

#include <array>
#include <cstdint>

#include "capabilities/type.hpp"
#include "platforms/base/result.hpp"

namespace skerry::usr::hostile {

enum class Action : uint8_t {
    nop,
    yield,
    wait,
    retype,
    copy,
    mint,
    move,
    remove,
    revoke,
    identify,
    clean,
    map,
    protect,
    configure,
    start,
    stop,
    reserve,
    bind,
    make_notify,
    set_domain,
    read_state,
    poke,
    send,
    send_capability,
    connect,
    counter,
    garbage_invocation,
    wrong_arguments,
    flipped_bit,
    garbage_send,
    garbage_number,
    foreign_number,
    scribble,
    count_,
};
constexpr size_t action_count = static_cast<size_t>(Action::count_);
constexpr Action first_garbage = Action::garbage_invocation;

constexpr const char* text(Action action) {
    constexpr const char* names[] = {"nop",         "yield",        "wait",           "retype",
                                     "copy",        "mint",         "move",           "delete",
                                     "revoke",      "identify",     "clean",          "map",
                                     "protect",     "configure",    "start",          "stop",
                                     "reserve",     "bind",         "make_notify",    "set_domain",
                                     "read_state",  "poke",         "send",           "send_cap",
                                     "connect",     "counter",      "garbage",        "wrong_arguments",
                                     "flipped_bit", "garbage_send", "garbage_number", "foreign_number",
                                     "scribble"};
    static_assert(sizeof names / sizeof *names == action_count);
    return names[static_cast<size_t>(action)];
}

struct Tally {
    std::array<uint64_t, action_count> tried{}, done{};        // done: the driver said yes, also to a step of more
    std::array<uint64_t, capabilities::type_count> by_type{};  // valid calls done, by what they were made on

    uint64_t calls() const {
        uint64_t sum = 0;
        for (uint64_t count : tried) sum += count;
        return sum;
    }
    uint64_t valid() const {
        uint64_t sum = 0;
        for (size_t i = 0; i < static_cast<size_t>(first_garbage); ++i) sum += tried[i];
        return sum;
    }
    void add(const Tally& other) {
        for (size_t i = 0; i < action_count; ++i) tried[i] += other.tried[i], done[i] += other.done[i];
        for (size_t i = 0; i < by_type.size(); ++i) by_type[i] += other.by_type[i];
    }
};

}  // namespace skerry::usr::hostile
