// A monitor of core 1 over the model kernel, and beside it the monitor of core 0 as the test plays it.
#pragma once

#include <bit>
#include <memory>
#include <vector>

#include "monitor/monitor.hpp"
#include "monitor/peer.hpp"
#include "test/unit/runtime/fake_kernel.hpp"
#include "urpc/protocols/intermonitor.hpp"

namespace skerry::test {

runtime::Program& fresh_program();  // in place of the last one

// Answers what it is asked when the test lets it poll, and not before.
struct OtherMonitor {
    struct Handler {
        uint32_t gone = 0;
        std::vector<uint64_t> inherited;  // base of each object; 0 = that was all
        bool refuses = false;
        uint32_t released = 0;
        base::Result<urpc::intermonitor::ChannelReleased> operator()(const urpc::intermonitor::ChannelGone&) {
            ++gone;
            return urpc::intermonitor::ChannelReleased{};
        }
        base::Result<urpc::intermonitor::Inherited> operator()(const urpc::intermonitor::Inherit& request) {
            inherited.push_back(std::bit_cast<Capability>(request.object).base);
            if (refuses && inherited.back() != 0) return Error::refused;
            return urpc::intermonitor::Inherited{};
        }
        base::Result<urpc::intermonitor::Released> operator()(const urpc::intermonitor::Release&) {
            ++released;
            return urpc::intermonitor::Released{true};
        }
        std::vector<base::CoreId> silent;  // of whom it was told so
        base::Result<urpc::intermonitor::Pong> operator()(const urpc::intermonitor::Ping& request) {
            return urpc::intermonitor::Pong{request.value};
        }
        void operator()(const urpc::intermonitor::Silent& message) { silent.push_back(message.core); }
        Error operator()(const auto&) { return Error::corrupt; }
    };
    struct NoPoker final : urpc::Poker {
        void poke() override {}
    };
    urpc::PollSet set;
    urpc::StaticFramePool<2560, 8> pool;
    NoPoker poker;
    Handler handler;
    urpc::Server<urpc::intermonitor::Protocol, Handler> link;

    explicit OtherMonitor(const urpc::ChannelLayout& layout) : link(set, layout, poker, pool.pool(), handler) {}
};

struct MonitorWorld {
    static constexpr base::CoreId here{1}, there{0};

    FakeKernel kernel;
    alignas(4096) std::array<std::byte, 8192> page_memory{};
    alignas(64) std::array<std::byte, monitor::Peer::ring_bytes> ring{};
    runtime::Program& self = prepare(fresh_program());
    std::unique_ptr<monitor::Monitor> monitor = std::make_unique<monitor::Monitor>(self, image::Archive{}, here);
    monitor::Peer peer{*monitor, there, layout(urpc::Side::b)};
    OtherMonitor other{layout(urpc::Side::a)};

    MonitorWorld() { SKERRY_ASSERT(monitor->peers.add(peer).ok()); }
    ~MonitorWorld() { monitor->peers.remove(peer); }

    // An empty slot of ours, filled as KernelCap.create or somebody's copy would fill it.
    runtime::CapRef filled(const Capability& cap) {
        auto slot = self.slots.allocate();
        SKERRY_ASSERT(slot.ok());
        kernel.own(*slot) = cap;
        return *slot;
    }
    bool has(runtime::CapRef slot) { return !kernel.own(slot).empty(); }
    void run() {
        while (monitor->loop.poll()) {
        }
    }

  private:
    urpc::ChannelLayout layout(urpc::Side side) {
        auto made = urpc::ChannelLayout::of(ring.data(), ring.size(), side);
        SKERRY_ASSERT(made.ok());
        return *made;
    }
    runtime::Program& prepare(runtime::Program& program) {
        program.dispatcher.attach(reinterpret_cast<capabilities::DispatcherPage*>(page_memory.data()), 0);
        program.slots.add_cnode(0, 32);
        return program;
    }
};

}  // namespace skerry::test
