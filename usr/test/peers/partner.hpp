// The other side: serves under a name until told to end.
#pragma once

#include "usr/console/port.hpp"
#include "usr/test/peers/protocol.hpp"

namespace skerry::usr::test::peers {

using base::Error;
using base::Result;
using base::Status;

constexpr uint64_t read_write = capabilities::map_flags::read | capabilities::map_flags::write;

// Adds up the words of a frame that it maps meanwhile.
Result<uint64_t> sum_of(runtime::Program& self, runtime::CapRef frame, uint64_t bytes);
// Fills a frame with seed, seed + 1, ...
Status fill(runtime::Program& self, runtime::CapRef frame, uint64_t bytes, uint64_t seed);

struct Partner {
    explicit Partner(runtime::Program& program) : self(program) {}
    runtime::Program& self;
    runtime::Owned kept;
    runtime::Object made;
    Told told{};
    runtime::Owned gate;
    uint64_t gate_address = 0;  // of a page; 0 = none
    runtime::Owned held;
    uint64_t held_address = 0, held_bytes = 0;  // its mapping
    bool end = false;

    Result<Sum> operator()(const Keep& message);
    void operator()(const KeepQuietly& message);
    Result<Made> operator()(const Make& message);
    Result<Told> operator()(const Tell&);
    Result<LargeBack> operator()(const Large& message);
    Status operator()(const LargeOneWay& message);
    Result<Gated> operator()(const Gate& message);
    Result<Met> operator()(const Meet&);
    Result<Sum> operator()(const TakeGift& message);
    Result<Sum> operator()(const Hold& message);
    Result<Sum> operator()(const Look&);
    Result<Sum> operator()(const Held&);
    Result<Dropped> operator()(const Drop&);
    Result<Ended> operator()(const End&);

  private:
    void wait_at_gate() const;
    void drop_made();
};

// Errors: those of Port::open; timed_out (nobody came for a long time).
Status serve(runtime::Program& self, std::string_view name);

}  // namespace skerry::usr::test::peers
