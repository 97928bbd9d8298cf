// The same of memory that programs on all other cores hold: through the monitors.
#pragma once

#include <optional>

#include "usr/bench/capability/protocol.hpp"
#include "usr/bench/message/samples.hpp"
#include "usr/bench/partner.hpp"

namespace skerry::bench::capability {

using base::Error;
using base::Result;
using base::Status;

// What one operation was: ticks of this core's counter until it had returned, and lines that monitors wrote to each other
// until all was at rest.
struct Cost {
    Summary ticks, lines;
};

class Remote {
  public:
    static constexpr uint32_t most_members = 64;  // with ourselves

    explicit Remote(usr::console::Session& session) : session_(session) {}
    ~Remote();
    Remote(const Remote&) = delete;
    Remote& operator=(const Remote&) = delete;

    // A partner on each other core that is online, and memory for `most` pieces. Errors: not_found (no other core).
    Status open(uint32_t most, uint32_t objects = 1);
    uint32_t cores() const { return size_; }
    void end_partners();

    struct Measured {
        Cost copy, mint, delete_, retype;
    };
    // One more core gets a copy, or one with fewer rights, lets it go; memory that all hold is retyped.
    Status measure(uint32_t samples, Samples& ticks, Samples& lines, Measured& measured);
    // All others hold it, and have made so many things of it together: all is taken back.
    Status measure_revoke(uint32_t descendants, uint32_t samples, Samples& ticks, Samples& lines, Cost& cost);
    // All hold all objects: `count` retypes in two phases, `in_flight` of them at any time, each of another object. -> ticks
    // of the whole; each one's, if wanted. Errors: invalid_argument, and those of Retype.
    static constexpr uint32_t most_retypes = 128;
    Result<uint64_t> retype_many(uint32_t count, uint32_t in_flight, Samples* each = nullptr);
    // All others hold each object.
    Status share_all();
    // All others hold one, and it is taken back: how many lines the monitors of our core and of theirs have written for it. Which
    // way the orders went, is to be seen.
    struct Written {
        base::CoreId core;
        uint64_t lines;
    };
    Result<std::span<const Written>> who_writes();

  private:
    using Partner = bench::Partner<Protocol>;
    struct Object {
        runtime::RamBlock block;
        runtime::Owned memory;
        uint64_t next = 0;  // offset at which nothing was made yet
    };
    static constexpr uint32_t objects_maximum = 16;

    template <typename Request>
    Result<typename Request::Response> ask(Partner& partner, const Request& request) {
        return partner.ask(request, size_);
    }
    Status make_memory(Object& object);
    Status give(Partner& partner, Object& object, capabilities::Rights rights);
    Status drop(Partner& partner);
    Status take_back(Object& object);
    using Counts = std::array<uint64_t, most_members>;
    Status ask_written(Counts& lines);
    base::CoreId core_of(uint32_t member) const {
        return member == 0 ? session_.loop.program().core() : partners_[member]->core();
    }
    Result<uint64_t> lines_so_far();
    Result<uint64_t> lines_since_last();
    template <typename Operation>
    Status counted(Samples& ticks, Samples& lines, Operation&& operation);
    void rest();

    usr::console::Session& session_;
    uint32_t size_ = 1;
    uint64_t bytes_ = 0, last_lines_ = 0, own_lines_ = 0;
    std::array<std::optional<Partner>, most_members> partners_;  // not ours, which is number zero
    std::array<Object, objects_maximum> objects_;
    uint32_t object_count_ = 0;
    std::array<Written, most_members> written_{};
    std::array<usr::console::Pending<urpc::monitor::Retyped>, objects_maximum> retypes_;
};

}  // namespace skerry::bench::capability
