// meeting [ROUNDS]: programs on all cores meet by the service `records`: locks that one has at a time, barriers that nobody
// passes early, waits, watches with a bounded queue, and one that dies with a lock. A partner is this program, too.
#include "usr/records/client.hpp"
#include "usr/test/report.hpp"

namespace skerry::usr::test::meeting {

using base::Error;
using base::Result;
using base::Status;
using records::Records;
namespace monitor = urpc::monitor;

uint32_t number(std::string_view text) {
    uint32_t value = 0;
    for (char c : text) {
        if (c < '0' || c > '9' || text.size() > 6) return 0;
        value = value * 10 + static_cast<uint32_t>(c - '0');
    }
    return value;
}

// One's own record `inside` can be set only while nobody else's is there: two in the lock at once would notice.
Status in_turn(Records& r, uint32_t core) {
    SKERRY_CHECK(r.lock("turn"));
    base::Buffer<48> text;
    text << "inside { core: " << core << " }";
    SKERRY_CHECK(r.set(text.view()));
    auto erased = SKERRY_TRY(r.erase("inside"));
    if (erased != 1) return Error::corrupt;
    return r.unlock("turn");
}

// Nobody passes before all have said that they are in this round.
Status together(Records& r, uint32_t core, uint32_t round, uint32_t parties) {
    base::Buffer<48> text, early;
    text << "round." << core << " { round: " << round << " }";
    SKERRY_CHECK(r.set(text.view()));
    SKERRY_CHECK(r.barrier("all", parties));
    early << "round.* { round < " << round << " }";
    if (r.get(early.view()).error() != Error::not_found) return Error::corrupt;
    return r.barrier("checked", parties);
}

// Status 0, or 1 + Error of what went wrong.
int take_part(console::Session& session, uint32_t parties, uint32_t rounds) {
    Records r(session);
    uint32_t core = session.loop.program().core().value;
    Status status = r.open();
    uint32_t round = 0;
    for (uint32_t i = 1; status.ok() && i <= rounds; i++) {
        round = i;
        status = in_turn(r, core);
        if (status.ok()) status = together(r, core, i, parties);
    }
    if (status.ok()) return 0;
    // At once: the others wait for us, and for this there is no end.
    base::Buffer<100> line;
    line << "meeting core " << core << " FAILED in round " << round << ": " << base::text(status.error()) << '\n';
    session.console.write(line.view());
    (void)session.console.flush().ok();
    return 1 + static_cast<int>(status.error());
}

int hold_and_wait(console::Session& session) {
    Records r(session);
    if (!r.open().ok() || !r.lock("doomed").ok() || !r.set("doomed").ok()) return 1;
    return r.wait("never").ok() ? 1 : 2;
}

constexpr uint64_t patience = 20'000'000;  // ns

struct World {
    console::Session& session;
    test::Report& report;
    Records records;

    Result<base::DomainId> start(base::CoreId core, std::string_view a, uint32_t b, uint32_t c) {
        monitor::Spawn spawn{core, monitor::Name::cut("meeting"), {}, 0};
        base::Buffer<64> text;
        text << a << '\0' << b << '\0' << c << '\0';
        for (char byte : text.view()) spawn.arguments.data[spawn.arguments.length++] = static_cast<uint8_t>(byte);
        auto spawned = SKERRY_TRY(session.monitor.ask(spawn));
        return spawned.domain;
    }

    Status meet(uint32_t cores, uint32_t rounds) {
        constexpr uint32_t most = 12;  // clients that the service takes, and some for others
        uint32_t parties = cores < most ? cores : most;
        std::array<base::DomainId, most> partner{};
        for (uint32_t i = 0; i < parties; i++) partner[i] = SKERRY_TRY(start(base::CoreId{i}, "part", parties, rounds));
        for (uint32_t i = 0; i < parties; i++) {
            auto ended = SKERRY_TRY(session.monitor.ask(monitor::AwaitEnd{partner[i]}));
            base::Buffer<48> name, detail;
            name << "core " << i << " of " << parties << ", " << rounds << " rounds";
            detail << "status " << ended.status << ' ' << ended.reason.view();
            report.check(name.view(), ended.status == 0, detail.view());
        }
        return {};
    }

    // Whoever dies lets go.
    Status outlive(base::CoreId core) {
        auto doomed = SKERRY_TRY(start(core, "hold", 0, 0));
        report.check("waits until a record is there", records.wait("doomed").ok());
        report.equal("who waits for a lock with an end", records.lock("doomed", patience).error(), Error::timed_out);
        SKERRY_CHECK(session.monitor.ask(monitor::Kill{doomed}));
        report.equal("a lock comes free when its holder dies", records.lock("doomed").error(), Error::none);
        report.equal("and its records go", records.wait("doomed", true).error(), Error::none);
        return records.unlock("doomed");
    }

    Status watch() {
        uint32_t watch = SKERRY_TRY(records.watch("seen*"));
        for (uint32_t i = 0; i < 10; i++) {
            base::Buffer<48> text;
            text << "seen { value: " << i << " }";
            SKERRY_CHECK(records.set(text.view()));
        }
        uint32_t in_order = 0;
        for (uint32_t i = 0; i < 8; i++) {
            auto event = SKERRY_TRY(records.next_event(watch));
            base::Buffer<48> text;
            text << "seen { value: " << i << " }";
            auto change = i == 0 ? records::protocol::Change::made : records::protocol::Change::changed;
            in_order += event.change == change && event.missed == 0 && event.record.view() == text.view();
        }
        report.check("eight changes are kept, in their order", in_order == 8);
        auto erased = SKERRY_TRY(records.erase("seen"));
        auto last = SKERRY_TRY(records.next_event(watch));
        report.check("what had no room is counted", last.missed == 2 && last.change == records::protocol::Change::gone);
        SKERRY_CHECK(records.unwatch(watch));
        report.equal("a watch that is given up", records.next_event(watch).error(), Error::not_found);
        return erased == 1 ? Status{} : Status{Error::corrupt};
    }

    // Who does not want to wait for ever stands in no line afterwards.
    Status waits_end() {
        report.equal("a record that never comes", records.wait("never", false, patience).error(), Error::timed_out);
        report.equal("one that never goes", records.wait("round.*", true, patience).error(), Error::none);
        SKERRY_CHECK(records.set("stays"));
        report.equal("one that stays", records.wait("stays", true, patience).error(), Error::timed_out);
        uint32_t watch = SKERRY_TRY(records.watch("stays"));
        report.equal("nothing happens", records.next_event(watch, patience).error(), Error::timed_out);
        SKERRY_CHECK(records.unwatch(watch));
        report.equal("alone at a barrier", records.barrier("lonely", 2, patience).error(), Error::timed_out);
        report.equal("nobody stands there", records.barrier("lonely", 1, patience).error(), Error::none);
        return records.erase("stays").error();
    }

    // What is one program's is bounded, and another's is not touched.
    Status bounds() {
        Status set;
        uint32_t count = 0;
        for (; set.ok() && count < 64; count++) {
            base::Buffer<48> text;
            text << "mine." << count;
            set = records.set(text.view());
        }
        report.check("a program has so many records", set.error() == Error::full && count == 17);
        report.equal("no text", records.set("mine { a }").error(), Error::corrupt);
        report.equal("not one's own lock", records.unlock("turn").error(), Error::not_found);
        report.equal("a barrier of nobody", records.barrier("none", 0).error(), Error::invalid_argument);
        records::Records second(session);
        report.equal("a second channel", second.open().error(), Error::refused);
        return records.erase("mine.*").error();
    }
};

int lead(console::Session& session, uint32_t rounds) {
    auto write = [](void* to, std::string_view line) { static_cast<console::Session*>(to)->console.write(line); };
    test::Report report("meeting", write, &session);
    World world{session, report, Records(session)};
    auto cores = session.monitor.ask(monitor::CoreStatus{session.loop.program().core()});
    report.equal("count", cores.error(), Error::none);
    report.equal("open", world.records.open().error(), Error::none);
    if (report.failures() != 0) return report.finish();
    uint32_t last = cores->core_count - 1;
    report.equal("meet", world.meet(cores->core_count, rounds).error(), Error::none);
    report.equal("outlive", world.outlive(base::CoreId{last}).error(), Error::none);
    report.equal("watch", world.watch().error(), Error::none);
    report.equal("waits end", world.waits_end().error(), Error::none);
    report.equal("bounds", world.bounds().error(), Error::none);
    return report.finish();
}

}  // namespace skerry::usr::test::meeting

int program_main(skerry::runtime::Program& self) {
    using namespace skerry::usr;
    using namespace skerry::usr::test::meeting;
    console::Session& session = console::static_session(self);
    if (!session.start().ok()) return 1;
    std::string_view role = self.argument_count() > 0 ? self.argument(0) : std::string_view{};
    if (role == "hold") return session.finish(hold_and_wait(session));
    if (role == "part" && self.argument_count() == 3) {
        return session.finish(take_part(session, number(self.argument(1)), number(self.argument(2))));
    }
    return session.finish(lead(session, role.empty() ? 20 : number(role)));
}
