// trial CORE ROUNDS [kill | visit]: a little of everything that two cores say to each other, as short as it can be. Starts
// itself on CORE, binds to it, and in each round sends numbered messages, asks for their count, and hands over a frame; then
// all monitors add something up; then the partner ends, or is killed, and its end is awaited. With `visit` the partner is
// there already: `trial serve trial.CORE`, which ends when its first client has left.
// trial guard [each]: has all monitors add something up a few times, later and later: so one that is silent is noticed. With
// `each` it asks one after the other.
// trial lend CORE: lends frames of its memory to a partner there, `trial borrow NAME`, which keeps the last of them until this one's
// channel is gone, whatever becomes of either.
// trial hoard N: takes all memory that it can get, gives N pages of it back, and waits for ever.
#include "usr/console/bound.hpp"
#include "usr/console/port.hpp"

namespace skerry::usr::test::trial {

using base::Error;
using base::Result;
using base::Status;
using runtime::CapRef;
using runtime::Owned;
namespace monitor = urpc::monitor;

constexpr uint64_t patience = 1'000'000'000;  // ns
constexpr uint64_t frame_bytes = 4096, words_checked = 8, messages_each = 3;
constexpr uint64_t read_write = capabilities::map_flags::read | capabilities::map_flags::write;

struct Numbered {  // one way: number, and the number again in every word
    uint64_t number;
    std::array<uint64_t, 5> again;
};
struct Heard {
    uint64_t messages, in_order;
};
struct Hear {
    using Response = Heard;
};
struct Sum {
    uint64_t value;
};
struct Keep {
    using Response = Sum;
    urpc::Capability frame;
};
using Protocol = urpc::Protocol<Numbered, Hear, Heard, Keep, Sum>;

// Reads and adds up, or writes, the first words of a frame.
Result<uint64_t> visit(runtime::Program& self, CapRef frame, uint64_t seed, bool writes) {
    uint64_t at = SKERRY_TRY(self.space().map_anywhere(frame, 0, frame_bytes, read_write));
    auto* words = platform::at<volatile uint64_t>(at);
    uint64_t sum = 0;
    for (uint64_t i = 0; i < words_checked; ++i) {
        if (writes) words[i] = seed + i;
        sum += words[i];
    }
    SKERRY_CHECK(self.space().unmap(at, frame_bytes));
    return sum;
}

struct Partner {
    runtime::Program& self;
    bool borrows = false;
    Heard heard{};
    Owned borrowed{};

    void operator()(const Numbered& message) {
        bool whole = true;
        for (uint64_t word : message.again) whole = whole && word == message.number;
        ++heard.messages;
        heard.in_order += whole && message.number == heard.messages;
    }
    Result<Heard> operator()(const Hear&) { return heard; }
    Result<Sum> operator()(const Keep& message) {
        Owned frame(CapRef{message.frame.slot}, self.slots);
        if (!frame) return Error::no_capability;
        uint64_t sum = SKERRY_TRY(visit(self, frame.ref(), 0, false));
        if (borrows) borrowed = std::move(frame);
        return Sum{sum};
    }
};

struct Service {
    explicit Service(runtime::Program& program) : partner{program}, port(program, partner) {}
    Partner partner;
    console::Port<Protocol, Partner, 1> port;
};

Status serve(runtime::Program& self, std::string_view name, bool borrows) {
    auto& service = *new (platform::static_storage<Service>()) Service(self);
    service.partner.borrows = borrows;
    SKERRY_CHECK(service.port.open(name));
    return service.port.serve([&] { return service.port.served() != 0 && service.port.clients() == 0; });
}

// Largest pieces first; the last ones, which come back first, are pages.
[[noreturn]] void hoard(runtime::Program& self, uint64_t pages_left) {
    constexpr uint64_t largest = uint64_t{64} << 20, kept = 64;
    std::array<runtime::RamBlock, kept> last{};
    uint64_t count = 0;
    for (uint64_t bytes = largest; bytes >= base::page_size; bytes /= 2) {
        for (;;) {
            auto block = self.ram().source().allocate(bytes, 0);
            if (!block.ok()) break;
            last[count++ % kept] = *block;
        }
    }
    for (uint64_t given = 0; count > 0 && given < pages_left; ++given)
        self.ram().source().release(last[--count % kept]);
    for (;;) self.dispatcher.sleep_until(0);
}

// That one of them is missing is no mistake.
int guard(console::Session& session, runtime::Program& self, bool each) {
    constexpr uint64_t first = 1'000'000'000, last = 8'000'000'000;  // ns
    for (uint64_t pause = first; pause <= last; pause *= 2) {
        self.dispatcher.sleep_until(self.dispatcher.now() + pause);
        if (!each) (void)session.monitor.ask(monitor::MachineTotals{}).ok();
        for (base::CoreId core{0}; each; ++core.value) {
            if (session.monitor.ask(monitor::CountHeld{core}).error() == Error::not_found) break;  // so many there are
        }
    }
    return session.finish(0);
}

struct Trial {
    console::Session& session;
    runtime::Program& self;
    base::CoreId core;
    uint64_t rounds;
    bool kills, visits;
    base::Buffer<32> name{};
    base::DomainId partner{};

    Status start(std::string_view role = "serve") {
        if (visits) {
            name << "trial." << core;
            return {};
        }
        name << "trial." << self.core() << '.' << skerry::base::counter_of(self.domain());
        monitor::Spawn spawn{core, monitor::Name::cut("trial"), {}, 0};
        for (std::string_view word : {role, name.view()}) {
            for (char c : word) spawn.arguments.data[spawn.arguments.length++] = static_cast<uint8_t>(c);
            spawn.arguments.data[spawn.arguments.length++] = 0;
        }
        partner = SKERRY_TRY(session.monitor.ask(spawn)).domain;
        return {};
    }
    Status round(console::Bound<Protocol>& peer, uint64_t number) {
        for (uint64_t i = 1; i <= messages_each; ++i) {
            Numbered message{number * messages_each + i, {}};
            message.again.fill(message.number);
            SKERRY_CHECK(peer.send(message));
        }
        Heard heard = SKERRY_TRY(peer.call(Hear{}));
        if (heard.messages != (number + 1) * messages_each || heard.in_order != heard.messages) return Error::corrupt;
        runtime::Object frame = SKERRY_TRY(self.ram().make_frame(frame_bytes));
        uint64_t written = SKERRY_TRY(visit(self, frame.cap, number * 100, true));
        bool gives = number % 2 != 0;
        auto sum = peer.call(
            Keep{gives ? urpc::Capability::give_away(frame.cap.word) : urpc::Capability::copy_of(frame.cap.word)});
        if (!sum.ok()) return sum.error();
        if (!gives) self.ram().destroy(frame);
        return sum->value == written ? Status{} : Error::corrupt;
    }
    Status talk() {
        console::Bound<Protocol> peer(session);
        SKERRY_CHECK(peer.bind(name.view(), patience));
        for (uint64_t i = 0; i < rounds; ++i) SKERRY_CHECK(round(peer, i));
        if (kills) SKERRY_CHECK(session.monitor.ask(monitor::Kill{partner}));
        return {};
    }
    Status lend() {
        SKERRY_CHECK(start("borrow"));
        console::Bound<Protocol> peer(session);
        SKERRY_CHECK(peer.bind(name.view(), patience));
        for (uint64_t i = 0; i < rounds; ++i) {
            runtime::Object frame = SKERRY_TRY(self.ram().make_frame(frame_bytes));
            auto sum = peer.call(Keep{urpc::Capability::copy_of(frame.cap.word)});
            if (!sum.ok()) return sum.error();
        }
        return {};
    }
    Status all() {
        SKERRY_CHECK(start());
        SKERRY_CHECK(talk());
        auto totals = SKERRY_TRY(session.monitor.ask(monitor::MachineTotals{}));
        if (totals.cores != totals.cores_online) return Error::timed_out;
        if (visits) return {};
        auto ended = SKERRY_TRY(session.monitor.ask(monitor::AwaitEnd{partner}));
        return kills || ended.status == 0 ? Status{} : Error::invalid_argument;
    }
};

}  // namespace skerry::usr::test::trial

int program_main(skerry::runtime::Program& self) {
    using namespace skerry::usr;
    using namespace skerry::usr::test::trial;
    bool borrows = self.argument_count() == 2 && self.argument(0) == "borrow";
    if (borrows || (self.argument_count() == 2 && self.argument(0) == "serve")) {
        return serve(self, self.argument(1), borrows).ok() ? 0 : 1;
    }
    console::Session& session = console::static_session(self);
    if (!session.start().ok()) return 1;
    if (self.argument_count() == 2 && self.argument(0) == "hoard" && self.argument(1).size() == 1) {
        hoard(self, static_cast<uint64_t>(self.argument(1)[0] - '0'));
    }
    bool each = self.argument_count() == 2 && self.argument(1) == "each";
    if ((self.argument_count() == 1 || each) && self.argument(0) == "guard") return guard(session, self, each);
    if (self.argument_count() == 2 && self.argument(0) == "lend" && self.argument(1).size() == 1) {
        Trial lender{session, self,  skerry::base::CoreId{static_cast<uint32_t>(self.argument(1)[0] - '0')},
                     4,       false, false};
        return session.finish(lender.lend().ok() ? 0 : 1);
    }
    auto digit = [&](uint32_t i) -> uint64_t {
        return self.argument_count() > i && self.argument(i).size() == 1
                   ? static_cast<uint64_t>(self.argument(i)[0] - '0')
                   : 10;
    };
    if (digit(0) > 9 || digit(1) > 9) {
        session.console.write("usage: trial CORE ROUNDS [kill | visit], numbers to 9\n");
        return session.finish(2);
    }
    Trial trial{session,
                self,
                skerry::base::CoreId{static_cast<uint32_t>(digit(0))},
                digit(1),
                self.argument_count() == 3 && self.argument(2) == "kill",
                self.argument_count() == 3 && self.argument(2) == "visit"};
    Status done = trial.all();
    skerry::base::Buffer<64> text;
    text << "trial from core " << self.core() << ": " << (done.ok() ? "ok" : skerry::base::text(done.error())) << '\n';
    session.console.write(text.view());
    return session.finish(done.ok() ? 0 : 1);
}
