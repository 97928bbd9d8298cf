// siege SEED CALLS [rings] [judge]: hostile programs on every core, that make that many system calls together, or write that many
// lines into rings, and honest ones beside them. Ends with status 0 if the hostile ones could do all that was right, no honest one
// was harmed, and all memory came back; a missed deadline counts if it is to be judged (in a deterministic run).
#include <new>
#include <optional>

#include "usr/console/console_link.hpp"
#include "usr/hostile/siege/protocol.hpp"

namespace {

using namespace skerry;
using namespace skerry::usr::hostile;
using base::Error;
using base::Result;
using base::Status;
namespace monitor = urpc::monitor;
namespace console = usr::console;

constexpr uint32_t fuzzers_a_core = 2, cores_maximum = 8;
constexpr uint32_t clients_maximum = 5 + cores_maximum, programs_maximum = clients_maximum + 1 + 3 * cores_maximum;
constexpr uint64_t seeds_apart = 1'000'000;

struct Plan {
    uint64_t seed = 0, calls = 0;
    bool rings = false;  // attacked instead of the drivers
    bool judge = false;  // missed deadlines
};

struct Started {
    std::string_view name;
    monitor::Name kind;  // its first argument
    base::DomainId domain;
    bool attacks = false;
};

class Siege final : public console::MonitorEvents {
  public:
    explicit Siege(runtime::Program& self)
        : self_(self), loop_(self), monitor_(loop_, *this), console_(loop_, monitor_, nullptr) {}

    int run(const Plan& plan);
    Status start() {
        SKERRY_CHECK(monitor_.open());
        SKERRY_CHECK(console_.open(5'000'000'000));
        return monitor_.ask(monitor::RegisterService{monitor::Name::cut(siege_service), SiegeProtocol::hash}).error();
    }
    void say(std::string_view text) { console_.write(text); }
    int finish(int status) {
        (void)console_.flush().ok();
        return status;
    }

    Error incoming(const monitor::Incoming& message) override;
    bool gone(uint64_t channel) override;

  private:
    struct Handler {
        Siege& siege;
        Result<Told> operator()(const Ask& ask) { return Told{ask.value + 1, siege.over_}; }
    };
    struct Client {
        console::SharedFrame shared;
        std::optional<console::NotifyPoker> poker;
        std::optional<urpc::Server<SiegeProtocol, Handler>> peer;
    };
    Result<uint32_t> online_cores();
    Status spawn(std::string_view name, uint32_t core, std::string_view arguments, base::DomainId& domain);
    bool begin(std::string_view name, uint32_t core, std::string_view arguments, bool attacks);
    bool begin_all(const Plan& plan, uint32_t cores);
    bool ended_well(const Started& program);
    base::Result<monitor::Totals> totals_at_rest();
    bool memory_is_back(const monitor::Totals& before);

    runtime::Program& self_;
    console::Loop loop_;
    console::MonitorLink monitor_;
    console::ConsoleLink console_;
    Handler handler_{*this};
    std::array<Client, clients_maximum> clients_;
    std::array<Started, programs_maximum> started_;
    uint32_t count_ = 0;
    bool over_ = false;
};

Error Siege::incoming(const monitor::Incoming& message) {
    for (Client& client : clients_) {
        if (client.peer) continue;
        auto shared = monitor_.take(message.channel, message.bytes);
        if (!shared.ok()) return shared.error();
        auto layout = urpc::ChannelLayout::of(reinterpret_cast<void*>(shared->address), shared->bytes, urpc::Side::b);
        if (!layout.ok()) {
            monitor_.drop(*shared);
            return layout.error();
        }
        client.shared = *shared;
        client.poker.emplace(shared->notify);
        client.peer.emplace(loop_.set(), *layout, *client.poker, loop_.pool(), handler_);
        return Error::none;
    }
    return Error::full;
}

// Its frame stays mapped until we end, soon.
bool Siege::gone(uint64_t channel) {
    for (Client& client : clients_) {
        if (client.peer && client.shared.channel == channel) client.peer->close();
    }
    return false;
}

Result<uint32_t> Siege::online_cores() {
    uint32_t online = 0;
    for (uint32_t i = 0, count = 1; i < count; ++i) {
        auto info = SKERRY_TRY(monitor_.ask(monitor::CoreStatus{base::CoreId{i}}));
        count = info.core_count;
        online += info.state == monitor::CoreState::online;
    }
    return online;
}

Status Siege::spawn(std::string_view name, uint32_t core, std::string_view arguments, base::DomainId& domain) {
    monitor::Spawn request{base::CoreId{core}, monitor::Name::cut(name), {}, 0};
    for (char c : arguments)
        request.arguments.data[request.arguments.length++] = static_cast<uint8_t>(c == ' ' ? 0 : c);
    auto spawned = monitor_.ask(request);
    if (spawned.ok()) {
        domain = spawned->domain;
        return {};
    }
    base::Buffer<120> line;
    line << "siege: " << name << " cannot be started on core " << core << ": " << base::text(spawned.error()) << '\n';
    say(line.view());
    return spawned.error();
}

bool Siege::ended_well(const Started& program) {
    auto end = monitor_.ask(monitor::AwaitEnd{program.domain});
    if (end.ok() && end->status == 0) return true;
    base::Buffer<200> line;
    line << "siege: " << program.name << ' ' << program.kind.view() << " on core "
         << base::core_of(program.domain).value << " FAILED: ";
    if (end.ok()) {
        line << "status " << end->status << ' ' << end->reason.view();
    } else {
        line << base::text(end.error());
    }
    line << '\n';
    say(line.view());
    return false;
}

bool Siege::begin(std::string_view name, uint32_t core, std::string_view arguments, bool attacks) {
    SKERRY_ASSERT(count_ < started_.size());
    base::DomainId domain;
    if (!spawn(name, core, arguments, domain).ok()) return false;
    started_[count_++] = {name, monitor::Name::cut(arguments.substr(0, arguments.find(' '))), domain, attacks};
    return true;
}

// What the attackers are to meet comes first.
bool Siege::begin_all(const Plan& plan, uint32_t cores) {
    constexpr std::string_view kinds[] = {"deadline", "memory", "echo"}, more[] = {"service", "system"};
    base::Buffer<120> line;
    auto canary = [&](std::string_view kind, uint32_t core) {
        line.clear();
        line << kind << ' ' << (plan.judge ? "judge " : "");
        return begin("canary", core % cores, line.view(), false);
    };
    for (uint32_t i = 0; plan.judge && i < cores; ++i) {
        if (!canary("beat", i)) return false;
    }
    if (plan.rings) {
        line.clear();
        line << "serve " << stop_word << ' ';
        if (!begin("rings", 0, line.view(), false)) return false;
    }
    for (uint32_t i = 0; i < std::size(kinds); ++i) {
        if (!canary(kinds[i], i + 1)) return false;
    }
    for (uint32_t i = 0; plan.rings && i < std::size(more); ++i) {
        if (!canary(more[i], i + 2)) return false;
    }
    constexpr std::string_view targets[] = {"play rings", "play console", "breed"};
    uint32_t each = plan.rings ? std::size(targets) : fuzzers_a_core;
    for (uint32_t i = 0; i < cores * each; ++i) {
        line.clear();
        if (plan.rings) line << targets[i / cores] << ' ';
        line << plan.seed + i * seeds_apart << ' ' << plan.calls / (cores * each) << ' ';
        if (!begin(plan.rings ? "rings" : "fuzz", i % cores, line.view(), true)) return false;
    }
    return true;
}

int Siege::run(const Plan& plan) {
    auto cores = online_cores();
    if (!cores.ok() || *cores > cores_maximum) return 1;
    auto before = totals_at_rest();
    uint32_t failures = !before.ok() + !begin_all(plan, *cores);
    auto await = [&](auto wanted) {
        for (uint32_t i = 0; i < count_; ++i) {
            if (wanted(started_[i])) failures += !ended_well(started_[i]);
        }
    };
    auto serves = [](const Started& one) { return !one.attacks && one.name == "rings"; };
    await([](const Started& one) { return one.attacks; });
    over_ = true;
    await([&](const Started& one) { return !one.attacks && !serves(one); });
    // The service is told to stop by a canary, which is not there any more if it failed.
    for (uint32_t i = 0; failures != 0 && i < count_; ++i) {
        if (serves(started_[i])) (void)monitor_.ask(monitor::Kill{started_[i].domain}).ok();
    }
    await(serves);
    failures += !memory_is_back(*before);
    base::Buffer<160> line;
    line << "siege: seed " << plan.seed << ", " << plan.calls << (plan.rings ? " lines" : " calls") << ", " << count_
         << " programs, " << failures << " failures\n";
    say(line.view());
    return failures == 0 ? 0 : 1;
}

// Bytes that no program has. Monitors keep what they needed at their busiest, so that is counted as well.
uint64_t unused(const monitor::Totals& totals) {
    return totals.free + totals.kept;
}

// Services that start behind the prompt take memory, too: until nothing has changed for a while.
base::Result<monitor::Totals> Siege::totals_at_rest() {
    constexpr uint64_t patience = 20'000'000'000, pause = 50'000'000, while_ns = 1'000'000'000;
    uint64_t now = self_.dispatcher.now(), deadline = now + patience, since = now;
    auto last = monitor_.ask(monitor::MachineTotals{});
    while (last.ok() && now - since < while_ns && now < deadline) {
        self_.dispatcher.sleep_until(now + pause);
        now = self_.dispatcher.now();
        auto next = monitor_.ask(monitor::MachineTotals{});
        if (!next.ok() || unused(*next) != unused(*last) || next->domains != last->domains) since = now;
        last = next;
    }
    return last;
}

// What had ended is taken apart meanwhile, and channels are given back by those who served them.
bool Siege::memory_is_back(const monitor::Totals& before) {
    constexpr uint64_t patience = 5'000'000'000, pause = 10'000'000;
    uint64_t missing = 0, deadline = self_.dispatcher.now() + patience;
    do {
        self_.dispatcher.sleep_until(self_.dispatcher.now() + pause);
        auto now = monitor_.ask(monitor::MachineTotals{});
        missing = now.ok() && unused(before) > unused(*now) ? unused(before) - unused(*now) : 0;
        if (now.ok() && missing == 0 && now->domains == before.domains) return true;
    } while (self_.dispatcher.now() < deadline);
    base::Buffer<100> line;
    line << "siege: " << missing / 1024 << " KiB of memory did not come back\n";
    say(line.view());
    return false;
}

bool number(std::string_view text, uint64_t& value) {
    value = 0;
    for (char c : text) {
        if (c < '0' || c > '9') return false;
        value = value * 10 + static_cast<uint64_t>(c - '0');
    }
    return !text.empty();
}

}  // namespace

int program_main(runtime::Program& self) {
    alignas(Siege) static constinit std::byte storage[sizeof(Siege)]{};
    Siege& siege = *new (storage) Siege(self);
    if (!siege.start().ok()) return 1;
    Plan plan;
    bool right =
        self.argument_count() >= 2 && number(self.argument(0), plan.seed) && number(self.argument(1), plan.calls);
    for (uint32_t i = 2; right && i < self.argument_count(); ++i) {
        std::string_view word = self.argument(i);
        plan.rings |= word == "rings";
        plan.judge |= word == "judge";
        right = word == "rings" || word == "judge";
    }
    if (!right) {
        siege.say("siege: expected a seed and a number of calls, then perhaps rings, judge\n");
        return siege.finish(2);
    }
    return siege.finish(siege.run(plan));
}
