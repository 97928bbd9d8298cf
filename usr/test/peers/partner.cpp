#include "usr/test/peers/partner.hpp"

namespace skerry::usr::test::peers {

using runtime::CapRef;
using runtime::Owned;

Result<uint64_t> sum_of(runtime::Program& self, CapRef frame, uint64_t bytes) {
    uint64_t at = SKERRY_TRY(self.space().map_anywhere(frame, 0, bytes, capabilities::map_flags::read));
    auto* words = platform::at<const volatile uint64_t>(at);
    uint64_t sum = 0;
    for (uint64_t i = 0; i < bytes / 8; ++i) sum += words[i];
    SKERRY_CHECK(self.space().unmap(at, bytes));
    return sum;
}

Status fill(runtime::Program& self, CapRef frame, uint64_t bytes, uint64_t seed) {
    uint64_t at = SKERRY_TRY(self.space().map_anywhere(frame, 0, bytes, read_write));
    auto* words = platform::at<volatile uint64_t>(at);
    for (uint64_t i = 0; i < bytes / 8; ++i) words[i] = seed + i;
    return self.space().unmap(at, bytes);
}

Result<Sum> Partner::operator()(const Keep& message) {
    kept = Owned(CapRef{message.frame.slot}, self.slots);
    if (!kept) return Error::no_capability;
    return Sum{SKERRY_TRY(sum_of(self, kept.ref(), message.bytes))};
}

void Partner::operator()(const KeepQuietly& message) {
    Owned frame(CapRef{message.frame.slot}, self.slots);
    ++told.messages;
    told.in_order += message.number == told.messages;
    told.with_capability += static_cast<bool>(frame);
}

Result<Made> Partner::operator()(const Make& message) {
    drop_made();
    made = SKERRY_TRY(self.ram().make_frame(message.bytes));
    SKERRY_CHECK(fill(self, made.cap, message.bytes, message.seed));
    urpc::Capability frame = urpc::Capability::copy_of(made.cap.word);
    frame.gives = message.gives;
    return Made{frame, message.bytes};
}

// A frame that was given away is ours no more, but its memory is.
void Partner::drop_made() {
    if (made.piece.bytes == 0) return;
    self.ram().destroy(made);
    made = {};
}

Result<Told> Partner::operator()(const Tell&) {
    return std::exchange(told, {});
}

void Partner::wait_at_gate() const {
    if (gate_address == 0) return;
    const auto* open = platform::at<const volatile uint64_t>(gate_address);
    while (*open == 0) {
        platform::pause();
        runtime::yield();
    }
}

Result<LargeBack> Partner::operator()(const Large& message) {
    wait_at_gate();
    if (check_of(message.bytes.span()) != message.check) return Error::corrupt;
    return LargeBack{message.number, message.check, message.bytes};
}

Status Partner::operator()(const LargeOneWay& message) {
    wait_at_gate();
    ++told.messages;
    told.in_order += check_of(message.bytes.span()) == message.check;
    return {};
}

Result<Gated> Partner::operator()(const Gate& message) {
    if (gate_address != 0) SKERRY_CHECK(self.space().unmap(std::exchange(gate_address, 0), base::page_size));
    gate = Owned(CapRef{message.frame.slot}, self.slots);
    if (gate)
        gate_address =
            SKERRY_TRY(self.space().map_anywhere(gate.ref(), 0, base::page_size, capabilities::map_flags::read));
    return Gated{};
}

Result<Met> Partner::operator()(const Meet&) {
    return Met{urpc::Capability::copy_of(capabilities::well_known::self_endpoint.word)};
}

// The message was sent before the request, by a domain of this core; each turn brings one that waits in the endpoint.
Result<Sum> Partner::operator()(const TakeGift& message) {
    constexpr int turns = 64;
    runtime::Message came;
    auto wanted = [&](const runtime::Message& m) { return m.word[0] == gift_word && m.word[1] == message.number; };
    for (int turn = 0; turn < turns && !self.dispatcher.take(wanted, came); ++turn) runtime::yield();
    Owned frame(came.cap, self.slots);
    if (!frame) return Error::no_capability;
    return Sum{SKERRY_TRY(sum_of(self, frame.ref(), message.bytes))};
}

Result<Sum> Partner::operator()(const Hold& message) {
    held = Owned(CapRef{message.frame.slot}, self.slots);
    if (!held) return Error::no_capability;
    held_bytes = message.bytes;
    held_address = SKERRY_TRY(self.space().map_anywhere(held.ref(), 0, held_bytes, capabilities::map_flags::read));
    return (*this)(Look{});
}

Result<Sum> Partner::operator()(const Look&) {
    auto* words = platform::at<const volatile uint64_t>(held_address);
    if (words == nullptr) return Error::no_capability;  // in one process (platforms/hosted), where nothing faults
    uint64_t sum = 0;
    for (uint64_t i = 0; i < held_bytes / 8; ++i) sum += words[i];
    return Sum{sum};
}

Result<Sum> Partner::operator()(const Held&) {
    auto cap = runtime::CNodeCap{}.identify(held.ref());
    return Sum{cap.ok() && !cap->empty() ? 1u : 0u};
}

Result<Dropped> Partner::operator()(const Drop&) {
    (void)self.space().unmap(std::exchange(held_address, 0), held_bytes).ok();
    held.reset();
    return Dropped{};
}

Result<Ended> Partner::operator()(const End&) {
    end = true;
    return Ended{};
}

Status serve(runtime::Program& self, std::string_view name) {
    using Port = console::Port<Protocol, Partner, 8>;
    struct World {
        explicit World(runtime::Program& program) : partner(program), port(program, partner, &pool.pool()) {}
        urpc::StaticFramePool<16384, 8> pool;  // for answers of 448 words that must wait for room
        Partner partner;
        Port port;
    };
    auto& world = *new (platform::static_storage<World>()) World(self);
    SKERRY_CHECK(world.port.open(name));
    // The client says End and leaves.
    return world.port.serve([&] { return world.partner.end && world.port.clients() == 0; });
}

}  // namespace skerry::usr::test::peers
