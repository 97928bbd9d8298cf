// bench_unmap [samples=N]: what it costs to take a page, or the right to write to it, from all cores that are online, in
// ticks of this core's counter. On each other core a thread reads that page, pauses, and repeats, and does nothing else
// (usr/bench/linux/reading.cpp is the same for Linux).
#include <charconv>

#include "platform/user/mark.hpp"
#include "usr/bench/message/table.hpp"
#include "usr/console/session.hpp"
#include "usr/span/span.hpp"

namespace {

using namespace skerry;
using namespace skerry::bench;
using base::Error;
using base::Status;
using usr::span::Span;
using usr::span::Touch;
using usr::span::Way;

constexpr uint32_t page = 1, memory = 1;
constexpr uint64_t arena_bytes = 16 * 1024, patience = 20'000'000'000;  // ns

constinit Span the_span;
constinit std::atomic<bool> over{false};
// What each has read last.
struct alignas(64) Seen {
    volatile uint64_t number = 0;
};
constinit std::array<Seen, usr::span::members_maximum> seen{};

volatile uint64_t& word() {
    return *reinterpret_cast<volatile uint64_t*>(Span::at(page));
}

void read_on(Span&, uint32_t member, void*) {
    while (!over.load(std::memory_order_relaxed)) {
        seen[member].number = word();
        platform::pause();
    }
}

struct ConsoleOutput final : Output {
    explicit ConsoleOutput(usr::console::Session& s) : session(s) {}
    void write(std::string_view text) override { session.console.write(text); }
    usr::console::Session& session;
};

enum class Change { protect, unmap, deferred };

struct Bench {
    explicit Bench(usr::console::Session& s) : session(s), output(s) {}
    usr::console::Session& session;
    ConsoleOutput output;
    Table table{output, "unmap"};
    Samples returned, completed;
    uint64_t number = 0;

    // The page is there again, and everybody has read what it says now.
    Status show() {
        SKERRY_CHECK(the_span.map(page, memory, true));
        word() = ++number;
        for (uint32_t i = 1; i < the_span.members(); ++i) {
            while (seen[i].number != number) platform::pause();
        }
        return {};
    }
    Status once(Change change) {
        SKERRY_CHECK(show());
        bool marked = change != Change::deferred;  // its series has two rows
        if (marked) platform::mark<platform::Mark::begin>();
        uint64_t before = platform::read_cycle_counter();
        usr::span::Ticket ticket;
        if (change == Change::protect) {
            SKERRY_CHECK(the_span.protect(page));
        } else if (change == Change::unmap) {
            SKERRY_CHECK(the_span.unmap(page, Touch::waits));
        } else {
            ticket = SKERRY_TRY(the_span.unmap_deferred(page, Touch::waits));
        }
        uint64_t after = platform::read_cycle_counter();
        if (marked) platform::mark<platform::Mark::end>();
        returned.add(after - before);
        if (change == Change::deferred) the_span.finish(ticket);
        completed.add(platform::read_cycle_counter() - before);
        return change == Change::protect ? the_span.unmap(page, Touch::waits) : Status{};
    }
    Status series(Change change, uint32_t samples) {
        if (change != Change::deferred) platform::mark<platform::Mark::series>();
        for (uint32_t i = 0; i < Samples::warm_up; ++i) SKERRY_CHECK(once(change));
        returned.clear(samples);
        completed.clear(samples);
        while (!returned.full()) SKERRY_CHECK(once(change));
        return {};
    }
    Status measure(Way way, std::string_view variant, uint32_t samples) {
        the_span.set_way(way);
        auto cores = the_span.members();
        auto row = [&](std::string_view name, std::string_view metric, Samples& of, std::string_view what) {
            table.add({name, metric, cores, "cycles", of.summary(), what});
        };
        SKERRY_CHECK(series(Change::protect, samples));
        row(variant, "protect", returned, "one page, read by all others: until none can write to it");
        SKERRY_CHECK(series(Change::unmap, samples));
        row(variant, "unmap", returned, "the same: until none can reach it");
        if (way != Way::drivers) return {};
        SKERRY_CHECK(series(Change::deferred, samples));
        row("deferred", "unmap_begun", returned, "until the ticket is there");
        row("deferred", "unmap_completed", completed, "until it is finished");
        return {};
    }
    Status run(uint32_t samples) {
        SKERRY_CHECK(the_span.map(page, memory, true));
        SKERRY_CHECK(the_span.unmap(page, Touch::waits));
        for (uint32_t i = 1; i < the_span.members(); ++i) SKERRY_CHECK(the_span.run(i, &read_on, nullptr));
        table.header();
        SKERRY_CHECK(measure(Way::drivers, "ipi", samples));
        SKERRY_CHECK(measure(Way::dispatchers, "dispatchers", samples));
        SKERRY_CHECK(show());
        over.store(true);
        table.finish();
        uint64_t deadline = runtime::program().dispatcher.now() + patience;
        for (uint32_t i = 1; i < the_span.members(); ++i) SKERRY_CHECK(the_span.wait(i, deadline));
        return {};
    }
};

Status add_all(usr::console::Session& session, runtime::Program& self) {
    uint32_t machine = 1;
    for (uint32_t core = 0; core < machine; ++core) {
        auto info = session.monitor.ask(urpc::monitor::CoreStatus{base::CoreId{core}});
        if (!info.ok()) return info.error();
        machine = info->core_count;
        if (info->state != urpc::monitor::CoreState::online || core == self.core().value) continue;
        Status added = the_span.add(base::CoreId{core}).error();
        SKERRY_CHECK(added);
    }
    return {};
}

}  // namespace

int program_main(runtime::Program& self) {
    usr::console::Session& session = usr::console::static_session(self);
    if (!session.start().ok()) return 1;
    uint32_t samples = Samples::wanted;
    std::string_view word = self.argument(0), key = "samples=";
    if (self.argument_count() > 0) {
        const char* last = word.data() + word.size();
        bool known = self.argument_count() == 1 && word.starts_with(key);
        if (known) {
            auto [end, error] = std::from_chars(word.data() + key.size(), last, samples);
            known = error == std::errc{} && end == last && samples >= 1 && samples <= Samples::wanted;
        }
        if (!known) {
            session.console.write("usage: bench_unmap [samples=1 to 2000]\n");
            return session.finish(2);
        }
    }
    alignas(Bench) static constinit std::byte storage[sizeof(Bench)]{};
    auto& bench = *new (storage) Bench(session);
    Status done = the_span.open(self, session.monitor, arena_bytes);
    if (done.ok()) done = add_all(session, self);
    if (done.ok() && the_span.members() < 2) {
        session.console.write("bench_unmap: it takes two cores, and one is online\n");
        return session.finish(2);
    }
    if (done.ok()) done = bench.run(samples);
    if (done.ok()) return session.finish(0);
    base::Buffer<80> line;
    line << "bench_unmap: " << base::text(done.error()) << '\n';
    session.console.write(line.view());
    return session.finish(1);
}
