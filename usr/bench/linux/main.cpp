// The Linux half of `./skerry bench message --vs linux`: the first process of a Linux that runs nothing else. It takes
// commands from the console and frames what it prints as our shell does (tools/wire.py), and knows one: `run SAMPLES`.
#include <sys/reboot.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>

#include "usr/bench/linux/round_trip.hpp"

namespace skerry::bench_linux {

namespace {

bench::Samples samples;
constexpr char mark[] = "\x1b]skerry;";

void row(std::string_view variant, int cores, const char* metric) {
    bench::Summary result = samples.summary();
    std::printf("csv,message,,,,%.*s,%d,%s,%lu,%lu,%lu,cycles,%u\n", static_cast<int>(variant.size()), variant.data(),
                cores, metric, result.median, result.min, result.p99, result.samples);
}

void measure(bool two_cores, uint32_t wanted) {
    if (two_cores) {
        bare_line(wanted, samples);
        row("bare_line", 2, "round_trip");
    }
    for (std::string_view name : mechanism_names) {
        if (two_cores) {
            round_trips(name, Sides::threads, 1, wanted, samples);
            row(name, 2, "round_trip_threads");
            round_trips(name, Sides::processes, 1, wanted, samples);
            row(name, 2, "round_trip_processes");
        }
        round_trips(name, Sides::processes, 0, wanted, samples);
        row(name, 1, "round_trip_processes");
    }
}

// What is typed is for us alone: no echo, no line editing by the terminal.
void quiet_console() {
    termios settings{};
    if (tcgetattr(0, &settings) != 0) return;
    settings.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ISIG);
    tcsetattr(0, TCSANOW, &settings);
}

}  // namespace

void fail(const char* what) {
    std::perror(what);
    std::fflush(nullptr);
    if (getpid() == 1) reboot(RB_POWER_OFF);
    _exit(1);
}

}  // namespace skerry::bench_linux

int main() {
    using namespace skerry::bench_linux;
    quiet_console();
    bool two_cores = run_on(1);
    if (!run_on(0)) fail("sched_setaffinity");
    std::printf("%sready\a", mark);
    std::fflush(stdout);
    char line[128], token[64];
    unsigned wanted = 0;
    while (std::fgets(line, sizeof line, stdin) != nullptr) {
        if (std::sscanf(line, "\x01%63s run %u", token, &wanted) != 2) continue;
        std::printf("%sbegin;%s\a", mark, token);
        measure(two_cores, wanted);
        std::printf("%send;%s;0\a", mark, token);
        std::fflush(stdout);
    }
    return 0;  // the console is gone, and with its first process Linux ends
}
