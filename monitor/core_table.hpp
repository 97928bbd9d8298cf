// What the directory knows of the machine's cores.
#pragma once

#include <array>

#include "urpc/protocols/machine_info.hpp"
#include "urpc/protocols/monitor.hpp"

namespace skerry::monitor {

using urpc::monitor::CoreState;

struct CoreEntry {
    CoreState state = CoreState::offline;
    bool greeted = false;  // it has said Join: it runs on its own memory
    bool timer_ok = false;
    base::HardwareId hardware;
    base::NodeId node;
    base::PackageId package;
    uint64_t kernel_base = 0;
    uint64_t memory_base = 0, memory_bytes = 0;  // that it was started on, its own since; of the core that booted: 0
    base::NodeId memory_node;                    // of that
    urpc::String<48> reason;                     // in state failed, or offline if it could not be started
    uint64_t suspected_until = 0;  // ns: its monitor was silent; until then nothing waits for it that need not
    bool asked_again = false;      // it was silent, and has not answered since
    bool fencing = false;
};

struct CoreTable {
    std::array<CoreEntry, urpc::machine_cores_maximum> cores;
    uint32_t count = 0;
    uint32_t at_boot = 0;  // so many are started when the machine is: the first; the others on demand

    CoreEntry* find(base::CoreId core) { return core.value < count ? &cores[core.value] : nullptr; }
    uint32_t online() const {
        uint32_t sum = 0;
        for (uint32_t i = 0; i < count; ++i) sum += cores[i].state == CoreState::online;
        return sum;
    }
};

}  // namespace skerry::monitor
