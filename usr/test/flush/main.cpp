// flush CORE: shootdown by the drivers alone, against a partner on that core.
#include <algorithm>
#include <charconv>

#include "usr/console/bound.hpp"
#include "usr/test/flush/partner.hpp"
#include "usr/test/report.hpp"

namespace {

using namespace skerry;
using namespace skerry::usr;
using namespace skerry::usr::test::flush;
using capabilities::FlushLine;
using runtime::CapRef;
using runtime::FlushCap;
using runtime::Owned;
namespace monitor = urpc::monitor;

constexpr uint64_t ms = 1'000'000, patience = 5000 * ms, never_answered = 20 * ms;
constexpr uint32_t rounds = 1000;
constexpr uint64_t page = 0x40'0000;  // programs begin here
constexpr std::string_view service = "flush";
using Peer = console::Bound<Protocol>;

struct World {
    runtime::Program& self;
    test::Report report;
    FlushCap flush{};
    FlushLine* line = nullptr;
    volatile uint64_t* stop = nullptr;

    // -> ns from the request to the answer; 0 = none came
    uint64_t shoot(uint64_t address, uint64_t longest = patience) {
        uint64_t start = self.dispatcher.now();
        line->ask(address);
        if (!flush.request().ok()) return 0;
        while (!line->answered()) {
            if (self.dispatcher.now() - start > longest) return 0;
            platform::pause();
        }
        return std::max<uint64_t>(self.dispatcher.now() - start, 1);
    }
    bool shoot_often(const char* while_what) {
        uint64_t shortest = ~uint64_t{0};
        for (uint32_t i = 0; i < rounds; i++) {
            uint64_t ns = shoot(page + i * base::page_size);
            if (ns == 0) return false;
            shortest = std::min(shortest, ns);
        }
        base::Buffer<80> text;
        text << "shortest " << shortest << " ns while the partner " << while_what;
        report.note(text.view());
        return true;
    }
};

Status start_partner(console::Session& session, base::CoreId core) {
    monitor::Spawn spawn{core, monitor::Name::cut("flush"), {}, monitor::spawn_flags::background};
    for (char c : std::string_view("serve\0", 6))
        spawn.arguments.data[spawn.arguments.length++] = static_cast<uint8_t>(c);
    return session.monitor.ask(spawn).error();
}

Status check(World& world, Peer& peer, bool same_core) {
    auto made = peer.call(MakeLine{});
    if (!made.ok()) return made.error();
    Owned frame(CapRef{made->frame.slot}, world.self.slots);
    auto given = peer.call(GiveRight{});
    if (!given.ok()) return given.error();
    Owned right(CapRef{given->flush.slot}, world.self.slots);
    uint64_t at = SKERRY_TRY(world.self.space().map_anywhere(frame.ref(), 0, frame_bytes, read_write));
    world.line = reinterpret_cast<FlushLine*>(at + line_offset);
    world.stop = reinterpret_cast<volatile uint64_t*>(at + stop_offset);
    world.flush.ref = right.ref();

    world.report.check("answers while the partner sleeps", world.shoot_often("sleeps"));
    Status sent = peer.send(Spin{});
    if (!sent.ok()) return sent;
    world.report.check("answers while the partner runs", world.shoot_often("runs"));
    *world.stop = 1;
    world.report.check("addresses that no program has",
                       world.shoot(~uint64_t{0}) != 0 && world.shoot(0xffff'8000'0000'0000) != 0);
    Owned weak = SKERRY_TRY(Owned::empty(world.self.slots));
    SKERRY_CHECK(runtime::CNodeCap{}.mint(weak.ref(), right.ref(), capabilities::Rights::transfer));
    world.report.equal("not without the right to send", FlushCap{weak.ref()}.request().error(), Error::no_right);
    if (!same_core) {  // else our copy keeps it
        auto taken = peer.call(TakeBack{});
        world.report.equal("taken back", taken.error(), Error::none);
        world.report.check("no answer afterwards", world.shoot(page, never_answered) == 0);
    }
    return world.self.space().unmap(at, frame_bytes);
}

}  // namespace

int program_main(runtime::Program& self) {
    if (self.argument_count() == 1 && self.argument(0) == "serve") return serve(self, service).ok() ? 0 : 1;
    console::Session& session = console::static_session(self);
    if (!session.start().ok()) return 1;
    std::string_view text = self.argument(0);
    uint32_t core = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), core);
    if (self.argument_count() != 1 || error != std::errc{} || end != text.data() + text.size()) {
        session.console.write("usage: flush CORE\n");
        return session.finish(2);
    }
    auto write = [](void* to, std::string_view line) { static_cast<console::Session*>(to)->console.write(line); };
    World world{self, test::Report("flush", write, &session)};
    world.report.equal("partner", start_partner(session, base::CoreId{core}).error(), Error::none);
    Peer peer(session);
    world.report.equal("bind", peer.bind(service, patience).error(), Error::none);
    if (peer.open()) {
        world.report.equal("shootdown", check(world, peer, core == self.core().value).error(), Error::none);
        world.report.equal("partner ends", peer.call(End{}).error(), Error::none);
        peer.leave();
    }
    return session.finish(world.report.finish());
}
