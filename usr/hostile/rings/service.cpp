#include "usr/hostile/rings/service.hpp"

#include "usr/console/console_link.hpp"
#include "usr/console/port.hpp"
#include "usr/hostile/rings/protocol.hpp"

namespace skerry::usr::hostile::rings {

namespace {

using base::Result;

struct Handler {
    uint64_t word;
    bool stopped = false;
    Result<Sum> operator()(const Add& add) { return Sum{add.a + add.b}; }
    Result<Echoed> operator()(const Echo& echo) { return Echoed{echo.bytes}; }
    void operator()(const Note&) {}
    // What came is dropped with its slot: the courier offers another.
    void operator()(const Gift& gift) {
        runtime::Owned(runtime::CapRef{gift.frame.slot}, runtime::program().slots).reset();
    }
    Result<Stopped> operator()(const Stop& stop) {
        stopped = stopped || stop.word == word;
        return Stopped{stop.word == word};
    }
};

constexpr uint32_t clients = 12;
using Port = console::Port<Protocol, Handler, clients>;

struct World {
    World(runtime::Program& self, uint64_t word) : handler{word}, port(self, handler) {}
    Handler handler;
    Port port;
};

}  // namespace

int serve(runtime::Program& self, uint64_t word) {
    alignas(World) static constinit std::byte storage[sizeof(World)]{};
    auto& world = *new (storage) World(self, word);
    if (!world.port.open(service_name).ok()) return 1;
    if (!world.port.serve([&] { return world.handler.stopped; }).ok()) return 1;
    // The stop's answer is read before the frame goes.
    constexpr uint64_t farewell = 1'000'000'000;
    (void)world.port.serve([&] { return world.port.clients() == 0; }, self.dispatcher.now() + farewell).ok();
    world.port.leave();
    console::ConsoleLink out(world.port.loop(), world.port.monitor(), nullptr);
    if (!out.open(farewell).ok()) return 1;
    base::Buffer<120> line;
    line << "rings: the service had " << world.port.served() << " clients and closed " << world.port.violations()
         << " channels whose peers broke the rules\n";
    out.write(line.view());
    return out.flush().ok() ? 0 : 1;
}

}  // namespace skerry::usr::hostile::rings
