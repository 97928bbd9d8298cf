// The host's half of `./skerry bench message --platform hosted`: our ring beside other ways to pass a message, on the same
// two cores, by turns. Prints a line a sample; tools/bench_host.py judges them.
//
//   bench_host FIRST_CORE SECOND_CORE SECONDS
//   sample,ROUND,VARIANT,METRIC,TICKS,PROBE_BEFORE,PROBE_AFTER,INTERRUPTED
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "usr/bench/host/bare.hpp"
#include "usr/bench/host/sleeping.hpp"

namespace skerry::bench_host {

namespace {

constexpr int least_rounds = 5;
constexpr uint32_t probe_count = 96;

class Bench {
  public:
    Bench(Duo& duo, double seconds) : duo_(duo), until_(now() + seconds) {}

    void run() {
        for (round_ = 0; round_ < least_rounds || now() < until_; ++round_) {
            bare<Spin>("");
            bare<Pause>("_pause");
            polled<UrpcRing>("urpc_ring");
            polled<BoostQueue>("boost_spsc");
            polled<UrpcChannel>("urpc_channel");
            polled<CachedIndexQueue>("cached_index");
            all<FutexQueue, Pause>("futex");
            all<PipeQueue, Pause>("pipe");
            all<EventFdQueue, Pause>("eventfd");
        }
    }

  private:
    static double now() {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    }
    // How far apart the cores are now: one line there and back.
    double probe() { return static_cast<double>(bare_lines<Spin>(duo_, false, probe_count)) / probe_count; }

    template <typename Measure>
    void sample(const std::string& variant, const std::string& metric, uint32_t messages, Measure measure) {
        double before = probe();
        (void)duo_.interrupted();
        double ticks = static_cast<double>(measure()) / messages;
        bool interrupted = duo_.interrupted();
        std::printf("sample,%d,%s,%s,%.1f,%.1f,%.1f,%d\n", round_, variant.c_str(), metric.c_str(), ticks, before,
                    probe(), interrupted);
    }
    template <typename Wait>
    void bare(const std::string& suffix) {
        for (bool two : {false, true}) {
            sample((two ? "bare_two_lines" : "bare_one_line") + suffix, "round_trip", round_trip_count,
                   [&] { return bare_lines<Wait>(duo_, two, round_trip_count); });
        }
        sample("bare_ring" + suffix, "round_trip", round_trip_count,
               [&] { return bare_ring<Wait>(duo_, round_trip_count); });
    }
    template <typename Queue, typename Wait>
    void all(const std::string& name) {
        sample(name, "round_trip", round_trip_count, [&] { return round_trips<Queue, Wait>(duo_); });
        for (uint32_t window : {1, 4, 16, 64}) {
            sample(name, "in_flight_" + std::to_string(window), message_count,
                   [&] { return in_flight<Queue, Wait>(duo_, window); });
        }
        for (uint32_t batch : {1, 8, 32}) {
            sample(name, "batch_" + std::to_string(batch), message_count,
                   [&] { return one_way<Queue, Wait>(duo_, batch); });
        }
    }
    template <typename Queue>
    void polled(const std::string& name) {
        all<Queue, Spin>(name);
        all<Queue, Pause>(name + "_pause");
    }

    Duo& duo_;
    double until_;
    int round_ = 0;
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
