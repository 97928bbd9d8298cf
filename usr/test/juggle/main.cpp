// juggle SEED STEPS [HANDS]: random capability operations by programs on several cores, one at a time and two at once; what
// each answers, what everybody holds afterwards, and what monitors keep book of, is compared with a sequential model.
// juggle pair ONE OTHER: two operations at one moment, by hands on two cores (pairs.hpp).
// juggle cases: the same with sequences that have once gone wrong (cases.cpp), by three hands.
// juggle crowd PROGRAMS [HANDS]: so many programs come and go, and all memory has come back.
#include "usr/test/juggle/cases.hpp"
#include "usr/test/juggle/crowd.hpp"
#include "usr/test/juggle/hand.hpp"
#include "usr/test/juggle/leader.hpp"
#include "usr/test/juggle/pairs.hpp"

namespace {

using namespace skerry;
using namespace skerry::usr::test::juggle;

bool number_in(std::string_view text, uint64_t& value) {
    value = 0;
    for (char c : text) {
        if (c < '0' || c > '9') return false;
        value = value * 10 + static_cast<uint64_t>(c - '0');
    }
    return !text.empty() && text.size() < 10;
}

int be_a_hand(runtime::Program& self) {
    uint64_t number = 0;
    if (!number_in(self.argument(2), number) || number >= hands_maximum) return 2;
    auto& hand = *new (platform::static_storage<Hand>()) Hand(self, self.argument(1), static_cast<uint32_t>(number));
    Status served = hand.serve();
    return served.ok() ? 0 : 100 + static_cast<int>(served.error());
}

int be_a_crowd(usr::console::Session& session, uint32_t programs, uint32_t hands) {
    auto& crowd = *new (platform::static_storage<Crowd>()) Crowd(session, hands);
    Status done = crowd.run(programs);
    base::Buffer<500> text;
    text << "juggle: " << crowd.done() << " programs came and went: " << (done.ok() ? "ok" : base::text(done.error()))
         << ' ' << crowd.text() << '\n';
    session.console.write(text.view());
    return session.finish(done.ok() ? 0 : 1);
}

int tell(usr::console::Session& session, Leader& leader, Status done, std::string_view what) {
    if (!done.ok()) leader.tell_ends();
    base::Buffer<200> text;
    text << "juggle " << what << ": " << (done.ok() ? "ok" : base::text(done.error())) << ' ';
    session.console.write(text.view());
    session.console.write(leader.text());
    session.console.write("\n");
    return session.finish(done.ok() ? 0 : 1);
}

int be_a_pair(usr::console::Session& session, const Operation& one, const Operation& other) {
    auto& leader = *new (platform::static_storage<Leader>()) Leader(session, pair_hands, 0);
    Status done = leader.start();
    if (done.ok()) done = leader.pair(one, other);
    if (done.ok()) done = leader.stop();
    return tell(session, leader, done, "pair");
}

int play_cases(usr::console::Session& session) {
    bool all_right = true;
    for (const Case& each : all_cases()) {
        auto& leader = *new (platform::static_storage<Leader>()) Leader(session, 3, 0);
        Status done = leader.start();
        if (done.ok()) done = leader.play(each.turns);
        if (done.ok()) done = leader.stop();
        all_right = all_right && done.ok();
        base::Buffer<100> text;
        text << "juggle: " << each.name << ": " << (done.ok() ? "ok" : base::text(done.error())) << ' ';
        session.console.write(text.view());
        session.console.write(leader.text());
        session.console.write("\n");
        if (!done.ok()) (void)leader.kill().ok();
        leader.~Leader();
    }
    return session.finish(all_right ? 0 : 1);
}

}  // namespace

int program_main(runtime::Program& self) {
    if (self.argument_count() == 3 && self.argument(0) == "hand") return be_a_hand(self);
    usr::console::Session& session = usr::console::static_session(self);
    if (!session.start().ok()) return 1;
    if (self.argument_count() == 1 && self.argument(0) == "cases") return play_cases(session);
    uint64_t seed = 0, steps = 0, hands = 3;
    uint32_t count = self.argument_count();
    bool right = (count == 2 || count == 3) && number_in(self.argument(0), seed) &&
                 number_in(self.argument(1), steps) && (count == 2 || number_in(self.argument(2), hands)) &&
                 hands >= 1 && hands <= hands_maximum;
    bool crowd = self.argument_count() >= 2 && self.argument(0) == "crowd" && number_in(self.argument(1), steps) &&
                 (count == 2 || number_in(self.argument(2), hands)) && hands >= 2 && hands <= hands_maximum;
    if (crowd) return be_a_crowd(session, static_cast<uint32_t>(steps), static_cast<uint32_t>(hands));
    Operation one{}, other{};
    bool pair = count == 3 && self.argument(0) == "pair" && find_operation(self.argument(1), 0, one) &&
                find_operation(self.argument(2), 1, other);
    if (pair) return be_a_pair(session, one, other);
    if (!right) {
        session.console.write("usage: juggle SEED STEPS [HANDS], at most 8 hands\n");
        return session.finish(2);
    }
    auto& leader = *new (platform::static_storage<Leader>()) Leader(session, static_cast<uint32_t>(hands), seed);
    Status done = leader.start();
    if (done.ok()) done = leader.run(static_cast<uint32_t>(steps));
    if (done.ok()) done = leader.stop();
    base::Buffer<100> what;
    what << seed << ", " << leader.done() << " steps by " << hands << " hands";
    return tell(session, leader, done, what.view());
}
