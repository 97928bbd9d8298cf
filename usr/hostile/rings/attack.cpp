#include "usr/hostile/rings/attack.hpp"

#include <algorithm>

#include "usr/console/session.hpp"
#include "usr/hostile/rings/protocol.hpp"
#include "usr/hostile/rings/tamed.hpp"

namespace skerry::usr::hostile::rings {

namespace {

using base::Error;
using base::Status;
using console::Session;
namespace monitor = urpc::monitor;

constexpr uint64_t ms = 1'000'000;
constexpr uint64_t pause_ns = 100'000;       // now and then, so that whoever shares the core may look
constexpr uint64_t steps_a_channel = 5'000;  // then it is given up by the attacker itself

struct Done {
    uint64_t steps = 0, valid = 0, misdeeds = 0, answers = 0, channels = 0, closed = 0;
    void add(const Scribbler& one) {
        valid += one.valid();
        misdeeds += one.misdeeds();
        answers += one.answers();
        ++channels;
        closed += one.closed();
    }
};

// Until the channel is closed, or `steps` are over. `poke` wakes the victim.
template <typename Poke>
uint64_t scribble(runtime::Program& self, Scribbler& peer, Random& random, uint64_t steps, Poke&& poke) {
    uint64_t step = 0;
    auto let_it_look = [&] {
        poke();
        runtime::yield();
    };
    for (; step < steps && !peer.closed(); ++step) {
        peer.step(let_it_look);
        if (random.one_in(4)) poke();
        if (random.one_in(8)) platform::pause();
        if (random.one_in(16)) self.dispatcher.sleep_until(self.dispatcher.now() + pause_ns);
    }
    return step;
}

template <typename P>
Status attack_service(Session& session, std::string_view name, Vocabulary& words, uint64_t seed, uint64_t steps,
                      Done& done) {
    constexpr uint32_t refusals_maximum = 2'000;
    constexpr uint64_t patience =
        16;  // so many times the steps, while no channel was closed: the service may be out of turn
    runtime::Program& self = session.loop.program();
    for (uint32_t refused = 0; done.steps < steps || (done.closed == 0 && done.steps < patience * steps);) {
        auto shared = session.monitor.bind<P>(name, 1'000 * ms);
        if (!shared.ok()) {  // all places are taken, by others like us
            if (++refused == refusals_maximum) return shared.error();
            self.dispatcher.sleep_until(self.dispatcher.now() + ms);
            continue;
        }
        auto* frame = platform::at<void>(shared->address);
        auto layout = SKERRY_TRY(urpc::ChannelLayout::of(frame, shared->bytes, urpc::Side::a));
        {
            Random random(seed ^ 0x9a55);
            Scribbler peer(layout, words, seed++);
            runtime::NotifyCap notify{shared->notify};
            auto poke = [&] { (void)notify.poke().ok(); };
            done.steps += scribble(self, peer, random, std::min(steps, steps_a_channel), poke);
            done.add(peer);
            // A good end for a bad peer: the service need not wait for our death.
            layout.our_status->state.store(urpc::StatusLine::closed, std::memory_order_seq_cst);
            poke();
        }
        uint64_t channel = shared->channel;
        session.monitor.drop(*shared);
        session.monitor.close(channel);
    }
    return {};
}

void report(Session& session, std::string_view target, const Done& done, Status status) {
    base::Buffer<200> line;
    line << "rings: " << target << ": " << done.steps << " steps, " << done.valid << " messages, " << done.misdeeds
         << " misdeeds, " << done.answers << " lines back, " << done.channels << " channels, " << done.closed
         << " closed by it";
    if (!status.ok()) line << ", " << base::text(status.error());
    line << '\n';
    session.console.write(line.view());
}

}  // namespace

int play(runtime::Program& self, std::string_view target, uint64_t seed, uint64_t steps) {
    Session& session = console::static_session(self);
    if (!session.start().ok()) return 1;
    Done done;
    Status status = Error::invalid_argument;
    if (target == service_name) {
        AnyMessage<Protocol> words;
        status = attack_service<Protocol>(session, target, words, seed, steps, done);
    } else if (target == urpc::console::service_name) {
        ConsoleWords words;
        status = attack_service<urpc::console::Protocol>(session, target, words, seed, steps, done);
    }
    report(session, target, done, status);
    return session.finish(status.ok() && done.closed > 0 ? 0 : 1);
}

int bite(runtime::Program& self, uint64_t seed, uint64_t steps) {
    auto* ring = platform::at<void>(self.start->ring_address);
    auto layout = urpc::ChannelLayout::of(ring, self.start->ring_size, urpc::Side::a);
    if (!layout.ok()) return 1;
    Random random(seed ^ 0xb17e);
    MonitorWords words;
    Scribbler peer(*layout, words, seed);
    auto poke = [] {
        uint64_t message[10] = {monitor::poke_opcode};
        (void)runtime::send(capabilities::well_known::monitor_endpoint, capabilities::SendHeader::words(1), message)
            .ok();
    };
    (void)scribble(self, peer, random, steps, poke);
    // If the channel was closed, our end is on its way.
    constexpr uint64_t patience = 10'000 * ms;
    if (peer.closed()) self.dispatcher.sleep_until(self.dispatcher.now() + patience);
    return 0;
}

int breed(runtime::Program& self, uint64_t seed, uint64_t steps) {
    Session& session = console::static_session(self);
    if (!session.start().ok()) return 1;
    constexpr uint64_t steps_each = 400;
    constexpr std::string_view broke = "it broke the rules of its monitor's channel: ";
    uint64_t born = 0, ended = 0;
    Status status;
    constexpr uint64_t born_maximum = 16;
    uint64_t done = 0;
    for (; (done < steps || (ended == 0 && born < born_maximum)) && status.ok(); done += steps_each, ++born) {
        monitor::Spawn order{self.core(), "rings", {}, 0};
        base::Buffer<60> arguments;
        arguments << "bite " << seed + born << ' ' << steps_each << ' ';
        for (char c : arguments.view()) {
            order.arguments.data[order.arguments.length++] = static_cast<uint8_t>(c == ' ' ? 0 : c);
        }
        auto spawned = session.monitor.ask(order);
        status = spawned.error();
        if (!spawned.ok()) break;
        auto end = session.monitor.ask(monitor::AwaitEnd{spawned->domain});
        status = end.error();
        if (!end.ok()) break;
        bool for_it = end->reason.view().starts_with(broke);
        ended += for_it;
        if (end->status == 0 || for_it) continue;
        status = Error::corrupt;
        session.console.write(end->reason.view());
    }
    base::Buffer<120> line;
    line << "rings: monitor " << self.core().value << ": " << born << " programs, " << ended
         << " ended for breaking its rules";
    if (!status.ok()) line << ", " << base::text(status.error());
    line << '\n';
    session.console.write(line.view());
    return session.finish(status.ok() && ended > 0 ? 0 : 1);
}

}  // namespace skerry::usr::hostile::rings
