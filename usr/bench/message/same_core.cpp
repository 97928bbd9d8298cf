#include "usr/bench/message/same_core.hpp"

#include "platform/user/mark.hpp"
#include "platform/user/measure.hpp"

extern "C" {
// The partner's ELF image (tools/embed.py).
extern const std::byte skerry_bench_partner[], skerry_bench_partner_end[];
}

namespace skerry::bench {

using capabilities::SendHeader;
using capabilities::well_known::self_endpoint;
using platform::Mark;
using platform::mark;

namespace {
constexpr uint32_t partner_badge = 0xbe7c;
constexpr uint64_t patience = 2'000'000'000;  // ns
constexpr SendHeader three_words = SendHeader::words(3);

uint32_t ticks_between(uint64_t from, uint64_t to) {
    return static_cast<uint32_t>(to) - static_cast<uint32_t>(from);
}
}  // namespace

runtime::RamSource& SameCore::source() {
    if (self_.memory) return *self_.memory;
    return *self_.boot_ram;
}

Status SameCore::start() {
    runtime::Grant reply{capabilities::well_known::service, self_endpoint, runtime::Rights::send, partner_badge};
    runtime::SpawnOptions options;
    options.name = "bench_partner";
    options.domain = self_.domain();  // no domain of the system's: it lives and dies with this program
    options.parent = self_.domain();
    options.core = self_.core();
    options.heap_bytes = 0;
    options.fault_endpoint = self_endpoint;
    options.grants = {&reply, 1};
    std::span<const std::byte> image(skerry_bench_partner, skerry_bench_partner_end);
    partner_ = SKERRY_TRY(runtime::spawn({self_.slots, self_.space(), source()}, image, options));
    return partner_.start();
}

SameCore::~SameCore() {
    if (partner_.memory.bytes != 0) partner_.destroy(source());
}

Result<SameCore::Answer> SameCore::answer(uint64_t value) {
    runtime::Message message;
    auto ours = [&](const runtime::Message& m) { return m.badge == partner_badge && m.word[3] == value; };
    auto came = [&] { return self_.dispatcher.take(ours, message); };
    // Usually it is here already: the partner answered before this thread went on.
    if (!came()) SKERRY_CHECK(self_.dispatcher.wait_until(came, self_.dispatcher.now() + patience));
    return Answer{message.word[0], message.word[1], message.word[2]};
}

// The measured send.
Result<SameCore::Answer> SameCore::exchange(uint64_t value) {
    uint64_t done = platform::skerry_measure_send(partner_.endpoint.ref().word, three_words.word, value);
    auto error = static_cast<Error>(done & 0xffff'ffff);
    if (error != Error::none) return error;
    if (done >> 32 != 0) return Error::corrupt;
    return answer(value);
}

Status SameCore::one_way(Command where, Samples& samples) {
    samples.clear();
    SKERRY_CHECK(exchange(static_cast<uint64_t>(where)));
    for (uint32_t i = 0; !samples.full(); ++i) {
        Answer times = SKERRY_TRY(exchange(i));
        if (times.leaked != 0) return Error::corrupt;
        if (i >= Samples::warm_up) samples.add(ticks_between(times.sent, times.arrived));
    }
    return {};
}

Status SameCore::round_trip(Samples& samples) {
    samples.clear();
    mark<Mark::series>();
    SKERRY_CHECK(exchange(static_cast<uint64_t>(Command::time_handler)));
    for (uint32_t i = 0; !samples.full(); ++i) {
        uint64_t words[10] = {0, 0, i};
        mark<Mark::begin>();
        uint64_t before = platform::read_cycle_counter();
        SKERRY_CHECK(runtime::send(partner_.endpoint.ref(), three_words, words));
        SKERRY_CHECK(answer(i));
        uint64_t after = platform::read_cycle_counter();
        mark<Mark::end>();
        if (i >= Samples::warm_up) samples.add(after - before);
    }
    return {};
}

void system_calls(Samples& samples) {
    samples.clear();
    for (uint32_t i = 0; !samples.full(); ++i) {
        uint64_t before = platform::read_cycle_counter();
        runtime::nop();
        uint64_t after = platform::read_cycle_counter();
        if (i >= Samples::warm_up) samples.add(after - before);
    }
}

}  // namespace skerry::bench
