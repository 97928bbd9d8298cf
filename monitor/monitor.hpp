// One core's monitor: everything it knows. No globals: the object is all there is, so several fit in one process.
// What it does is in operation/, one file each; this is the table that they stand around.
//
//   programs --rings--> ProgramHandler \                       / domains, channels     (this core)
//   monitors --rings--> PeerHandler     >--> operation/*  <-->   names, cores          (the directory)
//   init, exits, faults --LRPC--> Events /                     \ memory, kernel, archive
#pragma once

#include "monitor/channel_table.hpp"
#include "monitor/core_place.hpp"
#include "monitor/core_table.hpp"
#include "monitor/decisions.hpp"
#include "monitor/domain_table.hpp"
#include "monitor/group_seat.hpp"
#include "monitor/loop.hpp"
#include "monitor/memory.hpp"
#include "monitor/name_directory.hpp"
#include "monitor/peer.hpp"
#include "monitor/program.hpp"
#include "monitor/shared_objects.hpp"
#include "platforms/image/archive.hpp"
#include "urpc/protocols/service_start.hpp"

namespace skerry::monitor {

// An end that some coroutine here waits for, of a domain on another core. Lives in that coroutine's frame.
struct EndNews {
    base::ListLink link;
    base::DomainId domain;
    bool told = false;
    urpc::monitor::Ended ended{};
};

// Somebody wants a core that is not started. Lives in the frame of the coroutine that asks (operation/start_on_demand.cpp);
// operation/start_core.cpp carries it out.
struct StartOrder {
    explicit StartOrder(base::CoreId wanted) : core(wanted) {}
    base::ListLink link;
    base::CoreId core;
    CorePlace place{};
    bool over = false;
    base::Error error = base::Error::none;
};

// A service that init wants, and what it lends to it.
struct ServiceOrder {
    struct Lent {
        uint32_t slot = 0;  // in the service's CNode 0
        Owned cap;
    };
    urpc::service_start::Start start{};
    std::array<Lent, urpc::service_start::grants_maximum> lent{};
    uint32_t lent_count = 0;
    bool complete = false;  // the order itself has come; it waits to be carried out
};

// The group of all monitors as the directory has planned it (operation/gather.cpp).
struct Gathering {
    uint64_t generation = 0;
    bool forming = false;
    uint32_t size = 0;
    std::array<base::CoreId, group::most_members> cores{};  // by member
    group::Plan plan;
    group::Tree tree;
    uint64_t tree_number = 0;  // of the decision that the tree comes from
    bool by_rules = false;
    Reason reason;   // why not
    Member culprit;  // who ended the last generation
    // The member that is taking its seat.
    Member asked;
    bool answered = false;
    base::Error answer = base::Error::none;
};

struct Monitor final : Events {
    static constexpr size_t frame_bytes = 2560;
    static constexpr size_t frames = 96;
    static constexpr uint32_t background_limit = 64;  // operations that nobody waits for: ends, closings, core starts

    Monitor(runtime::Program& self, const image::Archive& archive, base::CoreId core);

    // Makes the endpoints that programs send to. Errors: no_memory, the driver's.
    base::Status open();
    // Serves until done() holds.
    template <typename Done>
    void serve(Done&& done) {
        loop.run(done);
    }

    // --- who we are ---
    runtime::Program& self;
    image::Archive archive;
    base::CoreId core;
    base::CoreId directory;   // the monitor that knows all others, and the names
    uint32_t core_count = 1;  // of the machine
    bool is_directory() const { return core == directory; }

    // --- tools ---
    Memory memory;
    Loop loop;
    Signal changed;                                         // something in the tables below did
    urpc::StaticFramePool<frame_bytes, frames> frame_pool;  // of requests of monitors, and of our own
    urpc::Scope background;
    runtime::Object program_endpoint, fault_endpoint;
    urpc::FramePool& pool() { return frame_pool.pool(); }
    uint64_t now() const { return loop.now(); }

    // --- what there is ---
    DomainTable domains;
    ChannelTable channels;
    PeerTable peers;
    GroupSeat seat;
    SharedObjects shared;
    CoreSet lost;  // fenced after they were online: they never answer, and come never back (operation/lose_core.cpp)
    bool closing_lost = false;   // channels to them are being closed
    bool links_to_drop = false;  // of those to them
    uint64_t watch_ends = 0;     // ns: then it looks who has not answered; 0 = not at all (operation/watch_peers.cpp)
    base::List<EndNews, &EndNews::link> end_news;
    uint64_t started_at = 0;  // ns
    bool timer_ok = true;     // ours ticks, and agrees with the starter's
    uint64_t kernel_base = 0;
    base::HardwareId hardware;
    base::NodeId node;  // of a core that joined: its memory service was started before it could know
    std::array<base::DomainId, 64> vectors{};  // of our Interrupt capability, from its first on: whose; 0 = free
    uint32_t told_load = 0;                    // domains here, as the directory knows
    uint64_t given_away = 0;                   // bytes that went to other cores; our account still lists them

    // --- the directory's ---
    NameDirectory names;
    CoreTable cores;
    base::List<StartOrder, &StartOrder::link> start_orders;  // that nobody has begun with
    Signal start_wanted;
    Gathering gathering;
    Decisions decisions;
    const urpc::MachineInfo* machine = nullptr;
    std::array<ServiceOrder, 4> orders{};

    // To init. Errors: full, closed, no_capability (there is none above us).
    base::Status tell_init(const urpc::service_start::Words& words);

    // --- Events ---
    bool wants(const runtime::Message& message) override;
    void message(runtime::Message& message) override;
    void step() override;
    bool rest() override;
    uint64_t due() const override { return watch_ends; }

  private:
    void program_message(runtime::Message& message);
    void fault_message(const runtime::Message& message);
    void init_message(runtime::Message& message);
    void carry_out(ServiceOrder& order);
    void begin_ends();
    void begin_sweep();
    void tell_load();
};

}  // namespace skerry::monitor
