#include "usr/bench/capability/partner.hpp"

#include "usr/bench/capability/pieces.hpp"
#include "usr/bench/capability/protocol.hpp"
#include "usr/console/port.hpp"

namespace skerry::bench::capability {

namespace {

constexpr uint64_t patience = 30'000'000'000;  // ns without a client

struct Handler {
    explicit Handler(runtime::Program& program) : self(program), pieces(program.slots), port(program, *this) {}

    template <typename T>
    using Work = urpc::Task<Result<T>>;

    Result<Held> operator()(const Hold& request) {
        drop();
        held = runtime::Owned(CapRef{request.memory.slot}, self.slots);
        if (!held) return Error::no_capability;
        return Held{};
    }
    Work<Made> operator()(urpc::FramePool& pool, const Make& request) { return make(pool, *this, request); }
    Result<Dropped> operator()(const Drop&) {
        drop();
        return Dropped{};
    }

    Result<Ended> operator()(const End&) {
        ended = true;
        return Ended{};
    }

    // All who hold the memory must agree: through our monitor.
    static Work<Made> make(urpc::FramePool&, Handler& h, Make wanted) {
        for (uint32_t done = 0; done < wanted.count;) {
            uint32_t count = std::min(wanted.count - done, Pieces::row);
            auto slots = h.pieces.next_row();
            if (!slots.ok()) co_return slots.error();
            urpc::monitor::Retype request{h.held.ref().word,
                                          slots->word,
                                          static_cast<uint32_t>(capabilities::Type::ram),
                                          0,
                                          (wanted.first + done) * piece_bytes,
                                          piece_bytes,
                                          count};
            auto call = h.port.monitor().peer().call(request);
            auto made = co_await call;
            if (!made.ok()) co_return made.error();
            done += count;
        }
        co_return Made{};
    }
    void drop() {
        pieces.clear();
        held.reset();
    }

    runtime::Program& self;
    Pieces pieces;
    runtime::Owned held;
    bool ended = false;
    usr::console::Port<Protocol, Handler, 3> port;  // who comes again may come before it has quite gone
};

}  // namespace

Status serve_partner(runtime::Program& self, std::string_view name) {
    Handler& handler = *new (platform::static_storage<Handler>()) Handler(self);
    SKERRY_CHECK(handler.port.open(name));
    // The client keeps its channel, or comes and goes.
    while (!handler.ended) {
        Status told = handler.port.serve([&] { return handler.ended; }, self.dispatcher.now() + patience);
        if (!told.ok() && handler.port.clients() == 0) return told;
    }
    handler.drop();
    return handler.port.serve([&] { return handler.port.clients() == 0; });
}

}  // namespace skerry::bench::capability
