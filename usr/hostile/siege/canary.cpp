// canary KIND [judge]: an honest program beside hostile ones. It does one thing until the siege is over, and ends with
// status 0 if it was never harmed.
//   deadline  a hard reservation: the driver counts the deadlines that it missed. Judged only where time is
//             instructions: elsewhere the host may take the core away
//   memory    its memory and all its registers keep their values
//   echo      calls to another core are answered, rightly
//   beat      wakes up ten thousand times a second, and does nothing
//   service   calls to the service that ../rings attacks are answered, rightly; at the end it tells it to stop
//   system    the monitor, the memory service and the console do as they should
#include <algorithm>
#include <optional>

#include "platform/user/trial.hpp"
#include "usr/console/bound.hpp"
#include "usr/console/session.hpp"
#include "usr/hostile/fuzz/random.hpp"
#include "usr/hostile/rings/protocol.hpp"
#include "usr/hostile/siege/protocol.hpp"

namespace {

using namespace skerry;
using namespace skerry::usr::hostile;
using base::Error;
using base::Status;
using usr::console::NotifyPoker;
using usr::console::Session;

constexpr uint64_t ms = 1'000'000;
constexpr uint64_t patience = 10'000 * ms;

// The siege's word.
class Siege {
  public:
    explicit Siege(Session& session) : session_(session) {}

    Status open() {
        auto shared = SKERRY_TRY(session_.monitor.bind<SiegeProtocol>(siege_service, patience));
        auto layout =
            SKERRY_TRY(urpc::ChannelLayout::of(reinterpret_cast<void*>(shared.address), shared.bytes, urpc::Side::a));
        poker_.emplace(shared.notify);
        peer_.emplace(session_.loop.set(), layout, *poker_);
        return {};
    }
    // Errors: closed; corrupt: the answer is wrong.
    Status ask() {
        Told told = SKERRY_TRY(session_.loop.call(*peer_, Ask{++value_}));
        over_ = told.stop != 0;
        return told.value == value_ + 1 ? Error::none : Error::corrupt;
    }
    bool over() const { return over_; }
    uint64_t asked() const { return value_; }
    void close() {
        peer_->close();
        (void)session_.loop.program().dispatcher.wait_until([&] { return peer_->finished(); }).ok();
    }

  private:
    Session& session_;
    std::optional<NotifyPoker> poker_;
    std::optional<urpc::Caller<SiegeProtocol>> peer_;
    uint64_t value_ = 0;
    bool over_ = false;
};

// Long enough that virtual cores do not take turns all the time.
void spin() {
    for (volatile uint32_t turns = 0; turns < 5'000;) turns = turns + 1;
    platform::pause();
}

Status keep_deadlines(runtime::Program& self, Siege& siege, bool judged, base::Text& text) {
    // Work is an eighth of the budget: a virtual core is charged for the turns of others, too (README).
    constexpr uint64_t budget = 4 * ms, period = 10 * ms, work = budget / 8;
    runtime::DispatcherCap own{};
    SKERRY_CHECK(own.reserve_hard(budget, period));
    auto before = SKERRY_TRY(own.read_state());
    uint64_t periods = 0, late = 0, longest = 0;
    while (!siege.over()) {
        // A period later: what it used to ask and to be answered is not charged to the first job.
        uint64_t start = self.dispatcher.now() + period;
        for (uint64_t i = 1; i <= 20; ++i, ++periods) {
            uint64_t release = start + i * period;
            self.dispatcher.sleep_until(release);
            uint64_t used = self.dispatcher.now() + work;
            while (self.dispatcher.now() < used) spin();
            uint64_t response = self.dispatcher.now() - release;
            late += response > period;
            longest = std::max(longest, response);
        }
        SKERRY_CHECK(siege.ask());
    }
    auto after = SKERRY_TRY(own.read_state());
    uint64_t missed = std::max(late, after.deadline_misses - before.deadline_misses);
    text << periods << " periods, " << missed << " missed, longest " << longest / 1000 << " us";
    return (missed != 0 && judged) || periods == 0 ? Error::timed_out : Error::none;
}

// Harms nobody and is harmed by nobody: its timer is what matters. An emulator that counts instructions gives a virtual
// core its turn until the next timer of any of them, and begins with the first core again: without a beat, that may take
// others their turn for tens of milliseconds.
Status keep_beat(runtime::Program& self, Siege& siege, base::Text& text) {
    constexpr uint64_t beat = 100'000, beats = 1000;
    uint64_t count = 0;
    for (uint64_t next = self.dispatcher.now(); !siege.over();) {
        for (uint64_t i = 0; i < beats; ++i, ++count) {
            next = std::max(next + beat, self.dispatcher.now());
            self.dispatcher.sleep_until(next);
        }
        SKERRY_CHECK(siege.ask());
    }
    text << count << " beats";
    return {};
}

Status keep_memory(runtime::Program& self, Siege& siege, base::Text& text) {
    static uint64_t words[4096];
    bool wide = platform::has_wide_vectors(self.dispatcher.page().extended_mask);
    uint64_t rounds = 0;
    const char* changed = nullptr;
    bool memory_changed = false;
    while (!siege.over() && changed == nullptr && !memory_changed) {
        uint64_t seed = ++rounds * 0x9e3779b97f4a7c15;
        for (uint64_t i = 0; i < std::size(words); ++i) words[i] = seed * (i + 1);
        for (uint64_t i = 0; i < 5 && changed == nullptr; ++i) {
            changed = platform::changed_register(platform::Meanwhile::time_passes, seed + i, 500, false, wide);
        }
        self.dispatcher.sleep_until(self.dispatcher.now() + ms);
        for (uint64_t i = 0; i < std::size(words); ++i) memory_changed |= words[i] != seed * (i + 1);
        SKERRY_CHECK(siege.ask());
    }
    text << rounds << " rounds, "
         << (changed != nullptr ? changed
             : memory_changed   ? "memory"
                                : "nothing")
         << " changed";
    return changed == nullptr && !memory_changed ? Error::none : Error::corrupt;
}

// One of many clients, and the only one that keeps to the rules.
Status keep_using(runtime::Program& self, Session& session, Siege& siege, base::Text& text) {
    usr::console::Bound<rings::Protocol> service(session);
    Status bound = service.bind(rings::service_name, patience);
    if (!bound.ok()) {
        text << "no bind to the service";
        return bound;
    }
    uint64_t calls = 0;
    for (Random random(1); !siege.over(); ++calls) {
        rings::Add add{random.next(), random.next()};
        rings::Sum sum = SKERRY_TRY(service.call(add));
        rings::Echo echo{};
        echo.bytes.length = static_cast<uint32_t>(random.below(decltype(echo.bytes)::capacity + 1));
        for (uint32_t i = 0; i < echo.bytes.length; ++i) echo.bytes.data[i] = static_cast<uint8_t>(random.next());
        rings::Echoed back = SKERRY_TRY(service.call(echo));
        if (sum.value != add.a + add.b || !(back.bytes == echo.bytes)) return Error::corrupt;
        self.dispatcher.sleep_until(self.dispatcher.now() + ms);
        SKERRY_CHECK(siege.ask());
    }
    rings::Stopped stopped = SKERRY_TRY(service.call(rings::Stop{stop_word}));
    text << calls << " calls";
    return stopped.stops == 1 ? Error::none : Error::corrupt;
}

Status keep_asking(runtime::Program& self, Session& session, Siege& siege, base::Text& text) {
    uint64_t rounds = 0;
    for (; !siege.over(); ++rounds) {
        base::CoreId core{static_cast<uint32_t>(rounds % 4)};
        auto status = session.monitor.ask(urpc::monitor::CoreStatus{core});
        if (status.ok() && status->core != core) return Error::corrupt;
        if (!status.ok() && status.error() != Error::out_of_range) return status.error();
        runtime::RamBlock block = SKERRY_TRY(self.ram().source().allocate(4096, 4096));
        self.ram().source().release(block);
        SKERRY_CHECK(session.console.flush());
        self.dispatcher.sleep_until(self.dispatcher.now() + ms);
        SKERRY_CHECK(siege.ask());
    }
    text << rounds << " rounds";
    return {};
}

Status keep_calling(runtime::Program& self, Siege& siege, base::Text& text) {
    while (!siege.over()) {
        SKERRY_CHECK(siege.ask());
        self.dispatcher.sleep_until(self.dispatcher.now() + 2 * ms);
    }
    text << siege.asked() << " calls";
    return {};
}

}  // namespace

int program_main(runtime::Program& self) {
    Session& session = usr::console::static_session(self);
    if (!session.start().ok()) return 1;
    std::string_view kind = self.argument_count() > 0 ? self.argument(0) : std::string_view{};
    base::Buffer<120> text;
    text << "canary " << kind << ": ";
    Siege siege(session);
    Status kept = siege.open();
    if (kept.ok()) {
        kept = Error::invalid_argument;
        if (kind == "deadline") kept = keep_deadlines(self, siege, self.argument_count() > 1, text);
        if (kind == "memory") kept = keep_memory(self, siege, text);
        if (kind == "beat") kept = keep_beat(self, siege, text);
        if (kind == "service") kept = keep_using(self, session, siege, text);
        if (kind == "system") kept = keep_asking(self, session, siege, text);
        if (kind == "echo") kept = keep_calling(self, siege, text);
        siege.close();
    }
    if (!kept.ok()) text << ", " << base::text(kept.error());
    text << '\n';
    session.console.write(text.view());
    return session.finish(kept.ok() ? 0 : 1);
}
