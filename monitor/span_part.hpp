// What a program's monitor keeps for a program that spans several cores: at the core where it began (the leader) the memory
// that all share and the list of the others, at each other core (a member) what it maps of the leader's.
#pragma once

#include "usr/runtime/ram_pool.hpp"

namespace skerry::monitor {

using base::CoreId;
using base::DomainId;
using runtime::Owned;

struct SpanPart {
    static constexpr uint32_t members_maximum = 63;
    struct Member {
        CoreId core;
        DomainId id;  // 0 = it is being made
        Owned line;   // our copy of the frame that lies at the member's core
    };

    // The leader's.
    std::array<Member, members_maximum> members{};
    uint32_t member_count = 0;
    runtime::RamBlock arena_block;

    // A member's.
    DomainId leader;
    Owned image;           // all of the leader's
    runtime::Object line;  // memory of this core, that the leader maps, too
    bool told_to_stop = false;
    bool released = false;  // nobody maps `line` any more

    Owned arena;  // the leader's own, or a foreign copy

    bool is_leader() const { return member_count != 0; }
    bool is_member() const { return leader.value != 0; }
    Member* find(CoreId core) {
        for (uint32_t i = 0; i < member_count; ++i) {
            if (members[i].core == core) return &members[i];
        }
        return nullptr;
    }
};

}  // namespace skerry::monitor
