// The host's half of `./skerry bench message --platform hosted`: our ring beside other ways to pass a message, on the same
// two cores, by turns. Prints a line a sample; tools/bench_host.py judges them.
//
//   bench_host FIRST_CORE SECOND_CORE SECONDS
//   sample,ROUND,VARIANT,METRIC,TICKS,PROBE_BEFORE,PROBE_AFTER,INTERRUPTED,WORK_FIRST,WORK_SECOND
//   WORK: ticks of work() on either core, the longer one of before and after the sample
#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "usr/bench/host/bare.hpp"
#include "usr/bench/host/sleeping.hpp"

namespace skerry::bench_host {

namespace {

constexpr int least_rounds = 5;
constexpr uint32_t probe_count = 96;
constexpr double rested_share = 0.5;  // of the time, for rounds with ways that sleep: they take a hundred times as long
// Room in each direction where one message goes at a time: about what a channel in a frame of 4 KiB has. Where several go at once
// it is most_lines.
constexpr uint32_t few_lines = 32;

// Ways to do the same thing, those that poll and those that sleep, and what a sample's ticks are divided by.
struct Way {
    std::string name;
    std::function<uint64_t()> measure;
};
struct Metric {
    std::string name;
    uint32_t messages;
    std::vector<Way> polling, sleeping;
};

class Bench {
  public:
    Bench(Duo& duo, double seconds)
        : duo_(duo), rested_from_(now() + (1 - rested_share) * seconds), until_(now() + seconds) {
        metrics_.push_back(round_trip());
        for (uint32_t window : {1, 4, 16, 64}) metrics_.push_back(in_flight(window));
        metrics_.push_back(batches<few_lines>(1));
        for (uint32_t batch : {8, 32}) {
            metrics_.push_back(batches<most_lines>(batch));
            metrics_.push_back(batches_in_place(batch));
        }
    }

    // What is compared is measured right after each other, since cores move; another one first in each round. At first nobody
    // sleeps; then sleeping ways come between, and those that poll are told apart, as `_rested` (README).
    void run() {
        while (round_ < least_rounds || now() < rested_from_) take_round(false);
        for (size_t first = round_; round_ < first + least_rounds || now() < until_;) take_round(true);
    }

  private:
    static double now() {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    }
    // How far apart the cores are now: one line there and back.
    double probe() { return static_cast<double>(bare_lines<Spin>(duo_, false, probe_count)) / probe_count; }

    void take_round(bool rested) {
        for (const Metric& metric : metrics_) {
            for (size_t i = 0; i < metric.polling.size(); ++i)
                sample(metric, metric.polling[(i + round_) % metric.polling.size()], rested ? "_rested" : "");
            if (!rested) continue;
            for (const Way& way : metric.sleeping) sample(metric, way, "");
        }
        ++round_;
    }
    void sample(const Metric& metric, const Way& way, const char* suffix) {
        auto first = duo_.work_on_both();
        double before = probe();
        (void)duo_.interrupted();
        double ticks = static_cast<double>(way.measure()) / metric.messages;
        bool interrupted = duo_.interrupted();
        double after = probe();
        auto last = duo_.work_on_both();
        std::printf("sample,%zu,%s,%s%s,%.1f,%.1f,%.1f,%d,%" PRIu64 ",%" PRIu64 "\n", round_, way.name.c_str(),
                    metric.name.c_str(), suffix, ticks, before, after, interrupted, std::max(first.first, last.first),
                    std::max(first.second, last.second));
    }

    // Adds what `measure`, called with a Wait, does with each way to wait.
    static void add_polling(Metric& metric, const std::string& name, auto measure) {
        metric.polling.push_back({name, [=] { return measure(Spin{}); }});
        metric.polling.push_back({name + "_pause", [=] { return measure(Pause{}); }});
        metric.polling.push_back({name + "_fence", [=] { return measure(Fence{}); }});
    }
    // Adds what `measure`, called with a queue's type and a Wait, does with every queue.
    template <uint32_t lines>
    static void add_queues(Metric& metric, auto measure) {
        auto polling = [&]<typename Queue>(const std::string& name) {
            add_polling(metric, name, [=](auto wait) { return measure.template operator()<Queue, decltype(wait)>(); });
        };
        polling.template operator()<UrpcRing<lines>>("urpc_ring");
        polling.template operator()<UrpcChannel<lines>>("urpc_channel");
        polling.template operator()<BoostQueue<lines>>("boost_spsc");
        polling.template operator()<CachedIndexQueue<lines>>("cached_index");
        auto sleeping = [&]<typename Queue>(const std::string& name) {
            metric.sleeping.push_back({name, [=] { return measure.template operator()<Queue, Pause>(); }});
        };
        sleeping.template operator()<FutexQueue<lines>>("futex");
        sleeping.template operator()<PipeQueue<lines>>("pipe");
        sleeping.template operator()<EventFdQueue<lines>>("eventfd");
    }

    Metric round_trip() {
        Metric metric{"round_trip", round_trip_count, {}, {}};
        for (bool two : {false, true}) {
            add_polling(metric, two ? "bare_two_lines" : "bare_one_line",
                        [this, two](auto wait) { return bare_lines<decltype(wait)>(duo_, two, round_trip_count); });
        }
        add_polling(metric, "bare_ring",
                    [this](auto wait) { return bare_ring<decltype(wait), few_lines>(duo_, round_trip_count); });
        add_queues<few_lines>(metric,
                              [this]<typename Queue, typename Wait>() { return round_trips<Queue, Wait>(duo_); });
        return metric;
    }
    Metric in_flight(uint32_t window) {
        Metric metric{"in_flight_" + std::to_string(window), message_count, {}, {}};
        add_queues<most_lines>(metric, [this, window]<typename Queue, typename Wait>() {
            return bench_host::in_flight<Queue, Wait>(duo_, window);
        });
        return metric;
    }
    template <uint32_t lines>
    Metric batches(uint32_t batch) {
        Metric metric{"batch_" + std::to_string(batch), message_count, {}, {}};
        add_queues<lines>(metric,
                          [this, batch]<typename Queue, typename Wait>() { return one_way<Queue, Wait>(duo_, batch); });
        return metric;
    }
    Metric batches_in_place(uint32_t batch) {
        Metric metric{"batch_" + std::to_string(batch) + "_in_place", message_count, {}, {}};
        auto add = [&]<typename Queue>(const std::string& name) {
            add_polling(metric, name,
                        [this, batch](auto wait) { return one_way_in_place<Queue, decltype(wait)>(duo_, batch); });
        };
        add.template operator()<UrpcRing<most_lines>>("urpc_ring");
        add.template operator()<CachedIndexQueue<most_lines>>("cached_index");
        return metric;
    }

    Duo& duo_;
    double rested_from_, until_;
    size_t round_ = 0;
    std::vector<Metric> metrics_;
};

}  // namespace

}  // namespace skerry::bench_host

int main(int count, char** words) {
    using namespace skerry::bench_host;
    if (count != 4) fail("usage: bench_host FIRST_CORE SECOND_CORE SECONDS");
    Duo duo(std::atoi(words[1]), std::atoi(words[2]));
    Bench(duo, std::atof(words[3])).run();
    return 0;
}
