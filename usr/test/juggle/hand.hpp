// One hand: does what the leader says, on its own core.
#pragma once

#include <optional>

#include "usr/console/bound.hpp"
#include "usr/console/port.hpp"
#include "usr/test/juggle/protocol.hpp"

namespace skerry::usr::test::juggle {

using base::Error;
using base::Result;
using base::Status;
using runtime::CapRef;

constexpr uint64_t patience = 5'000'000'000;  // ns

// The name of a hand of a leader.
struct ServiceName {
    base::Buffer<40> text;
    ServiceName(std::string_view prefix, uint32_t hand) { text << prefix << '.' << hand; }
    std::string_view view() const { return text.view(); }
};

class Hand : runtime::FaultRepair {
  public:
    using Port = console::Port<Protocol, Hand, hands_maximum + 1>;
    using Peer = console::Bound<Protocol, Port>;
    template <typename T>
    using Work = urpc::Task<Result<T>>;

    Hand(runtime::Program& self, std::string_view prefix, uint32_t number)
        : self_(self), prefix_(prefix), number_(number), port_(self, *this) {
        self.more = this;
    }
    // Until the leader has said End and everybody has left.
    Status serve();

    Work<Done> operator()(urpc::FramePool& pool, const Do& request) { return perform(pool, *this, request.operation); }
    Result<Kept> operator()(const Keep& request);
    Result<Looked> operator()(const Look&);
    void operator()(const Meet& request) { hands_ = request.hands; }
    Result<Ended> operator()(const End&);

  private:
    static Work<Done> perform(urpc::FramePool& pool, Hand& hand, Operation operation);
    static urpc::Task<Status> retype(urpc::FramePool& pool, Hand& hand, Operation operation);
    static urpc::Task<Status> give(urpc::FramePool& pool, Hand& hand, Operation operation);
    static urpc::Task<Status> revoke(urpc::FramePool& pool, Hand& hand, Operation operation);
    Status at_once(const Operation& operation);
    Status map(const Operation& operation);
    void touch(uint64_t window, bool writes);
    bool repair(uint64_t address, uint64_t access) override;
    Status unmap(const Operation& operation);
    Status renew();
    Status set_up();
    Status meet();
    Status begin_on_time();

    runtime::Program& self_;
    std::string_view prefix_;
    uint32_t number_;
    uint32_t hands_ = 0;
    bool met_ = false, end_ = false;
    runtime::RamBlock block_;
    std::array<CapRef, all_places> place_{};
    std::array<CapRef, windows> mapping_{};
    std::array<uint64_t, windows> window_{};  // addresses
    runtime::Object spare_;                   // a page of our own
    CapRef stopgap_;                          // its Mapping
    Port port_;
    uint64_t begin_ = 0;  // when the operation that waits for its time begins
    urpc::Event begins_{port_.loop().set().ready()}, answers_{port_.loop().set().ready()};
    std::array<std::optional<Peer>, hands_maximum> peers_;
};

}  // namespace skerry::usr::test::juggle
