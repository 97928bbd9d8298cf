// Starting a program on this core.
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

struct MemberOrder;  // span.hpp

struct ProgramOrder {
    Name name;                           // in the boot archive
    std::span<const uint8_t> arguments;  // each ends with a zero byte
    base::DomainId parent;
    bool system = false;
    bool manager = false;
    std::span<const runtime::Grant> grants;  // beyond what every program gets
    MemberOrder* member = nullptr;           // one more core of a program: what the order holds is kept with it
};

// The program runs when this returns. Waits for the memory service only. Errors: not_found (no such program),
// corrupt (its file), invalid_argument (arguments), no_memory, full. After an error all is as before.
base::Result<urpc::monitor::Spawned> spawn_program(Monitor& monitor, const ProgramOrder& order);

// Takes apart what spawn_program made: its rings are closed, its channels gone. All its memory comes back.
void dismantle(Monitor& monitor, DomainRecord& record);

}  // namespace skerry::monitor
