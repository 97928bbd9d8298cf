// siege SEED CALLS [judge]: hostile programs on every core, two on each, that make that many system calls together, and
// honest ones beside them. Ends with status 0 if the hostile ones could do all that was right, and no honest one was
// harmed; a missed deadline counts if it is to be judged (in a deterministic run).
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

constexpr uint32_t per_core = 2, programs_maximum = 16, cores_maximum = programs_maximum / per_core;
constexpr uint64_t seeds_apart = 1'000'000;
// Where time is judged, a beat on every core comes first.
constexpr const char* kinds[] = {"deadline", "memory", "echo"};
constexpr uint32_t honest_maximum = std::size(kinds) + cores_maximum;

class Siege final : public console::MonitorEvents {
  public:
    explicit Siege(runtime::Program& self)
        : self_(self), loop_(self), monitor_(loop_, *this), console_(loop_, monitor_, nullptr) {}

    int run(uint64_t seed, uint64_t calls, bool judge);
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
    bool ended_well(std::string_view name, base::DomainId domain);

    runtime::Program& self_;
    console::Loop loop_;
    console::MonitorLink monitor_;
    console::ConsoleLink console_;
    Handler handler_{*this};
    std::array<Client, honest_maximum> clients_;
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

bool Siege::ended_well(std::string_view name, base::DomainId domain) {
    auto end = monitor_.ask(monitor::AwaitEnd{domain});
    if (end.ok() && end->status == 0) return true;
    base::Buffer<200> line;
    line << "siege: " << name << " on core " << base::core_of(domain).value << " FAILED: ";
    if (end.ok()) {
        line << "status " << end->status << ' ' << end->reason.view();
    } else {
        line << base::text(end.error());
    }
    line << '\n';
    say(line.view());
    return false;
}

int Siege::run(uint64_t seed, uint64_t calls, bool judge) {
    auto cores = online_cores();
    if (!cores.ok() || *cores > cores_maximum) return 1;
    base::DomainId honest[honest_maximum], hostile[programs_maximum];
    const char* kind[honest_maximum];
    uint32_t count = 0, programs = *cores * per_core, failures = 0;
    base::Buffer<120> line;
    for (uint32_t i = 0; judge && i < *cores; ++i, ++count) {
        kind[count] = "beat";
        if (!spawn("canary", i, "beat ", honest[count]).ok()) return 1;
    }
    for (uint32_t i = 0; i < std::size(kinds); ++i, ++count) {
        kind[count] = kinds[i];
        line.clear();
        line << kinds[i] << ' ' << (judge ? "judge " : "");
        if (!spawn("canary", (i + 1) % *cores, line.view(), honest[count]).ok()) return 1;
    }
    for (uint32_t i = 0; i < programs; ++i) {
        line.clear();
        line << seed + i * seeds_apart << ' ' << calls / programs << ' ';
        if (!spawn("fuzz", i % *cores, line.view(), hostile[i]).ok()) return 1;
    }
    for (uint32_t i = 0; i < programs; ++i) failures += !ended_well("fuzz", hostile[i]);
    over_ = true;
    for (uint32_t i = 0; i < count; ++i) failures += !ended_well(kind[i], honest[i]);
    line.clear();
    line << "siege: seed " << seed << ", " << calls << " calls by " << programs << " programs, " << failures
         << " failures\n";
    say(line.view());
    return failures == 0 ? 0 : 1;
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
    uint64_t seed = 0, calls = 0;
    if (self.argument_count() < 2 || !number(self.argument(0), seed) || !number(self.argument(1), calls)) {
        siege.say("siege: expected a seed and a number of calls\n");
        return siege.finish(2);
    }
    return siege.finish(siege.run(seed, calls, self.argument_count() > 2));
}
