// The monitor's program, and its two beginnings:
//   where the machine booted, init has started it: it knows the machine, and starts the other cores;
//   on every other core it is the first program: it starts that core's memory service, then joins its starter.
#include <cstring>
#include <new>

#include "monitor/monitor.hpp"
#include "monitor/operation/connect.hpp"
#include "monitor/operation/join.hpp"
#include "monitor/operation/start_core.hpp"
#include "monitor/own_memory.hpp"
#include "monitor/transfer.hpp"

namespace {

using namespace skerry;
using namespace skerry::monitor;
using base::Error;
using base::Result;
using base::Status;
namespace well_known = capabilities::well_known;

Result<image::Archive> open_archive(runtime::Program& self) {
    auto frame = SKERRY_TRY(runtime::CNodeCap{}.identify(well_known::archive));
    uint64_t at =
        SKERRY_TRY(self.space().map_anywhere(well_known::archive, 0, frame.size, capabilities::map_flags::read));
    return image::Archive::open({platform::at<const std::byte>(at), frame.size});
}

// The monitor lies in the heap; every page of it is touched now, so that it never faults later on.
Result<Monitor*> make_monitor(runtime::Program& self, const image::Archive& archive) {
    void* place = self.heap.allocate(sizeof(Monitor), alignof(Monitor));
    if (place == nullptr) return Error::no_memory;
    std::memset(place, 0, sizeof(Monitor));
    auto* monitor = new (place) Monitor(self, archive, self.core());
    SKERRY_CHECK(monitor->open());
    return monitor;
}

Status begin_as_directory(Monitor& m) {
    auto init = m.domains.add_system(domain_counter::init, "init");
    if (!init.ok()) return init.error();
    SKERRY_CHECK(adopt_machine(m));
    return urpc::spawn(m.background, start_cores(m.pool(), m));
}

Status begin_by_joining(Monitor& m) {
    const capabilities::BootInfo& boot = *m.self.boot;
    if (boot.join_frame_base == 0) return Error::not_found;
    Owned frame = SKERRY_TRY(copy_of(m.self, well_known::monitor_ring));
    // Whose frame this is, its answer will tell.
    Peer* starter = SKERRY_TRY(adopt_peer(m, m.core, std::move(frame), boot.join_frame_size));
    Word4 notify{};
    static_assert(sizeof notify == sizeof boot.join_word);
    std::memcpy(notify.data(), boot.join_word, sizeof notify);
    SKERRY_CHECK(set_poker(m, *starter, notify));
    return urpc::spawn(m.background, join(m.pool(), m, *starter));
}

Status run(runtime::Program& self) {
    image::Archive archive = SKERRY_TRY(open_archive(self));
    runtime::SpawnedDomain memory_service;
    bool first = self.boot != nullptr;
    if (first) memory_service = SKERRY_TRY(start_own_memory(self, archive, self.core()));
    Monitor* monitor = SKERRY_TRY(make_monitor(self, archive));
    SKERRY_CHECK(first ? begin_by_joining(*monitor) : begin_as_directory(*monitor));
    monitor->serve([] { return false; });
    return {};
}

}  // namespace

// Only comes back if it could not begin: the status says why. On a core that was started nobody hears of it, and the
// starter gives up waiting.
int program_main(runtime::Program& self) {
    return static_cast<int>(run(self).error());
}
