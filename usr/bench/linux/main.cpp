// The Linux half of `./skerry bench message --vs linux`: the first process of a Linux that runs nothing else. Waits on
// the console for the word `run`, measures, prints `csv,` lines as our own program does, then `done`, and waits again;
// tools/linux.py is at the other end of the line.
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "usr/bench/linux/round_trip.hpp"

namespace skerry::bench_linux {

namespace {

bench::Samples samples;

void row(std::string_view variant, int cores, const char* metric) {
    bench::Summary result = samples.summary();
    std::printf("csv,message,,,,%.*s,%d,%s,%lu,%lu,%lu,cycles,%u\n", static_cast<int>(variant.size()), variant.data(),
                cores, metric, result.median, result.min, result.p99, result.samples);
}

void measure(bool two_cores) {
    if (two_cores) {
        bare_line(samples);
        row("bare_line", 2, "round_trip");
    }
    for (std::string_view name : mechanism_names) {
        if (two_cores) {
            round_trips(name, Sides::threads, 1, samples);
            row(name, 2, "round_trip_threads");
            round_trips(name, Sides::processes, 1, samples);
            row(name, 2, "round_trip_processes");
        }
        round_trips(name, Sides::processes, 0, samples);
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
    std::puts("ready");
    std::fflush(stdout);
    char line[64];
    while (std::fgets(line, sizeof line, stdin) != nullptr) {
        if (std::strncmp(line, "run", 3) != 0) continue;
        measure(two_cores);
        std::puts("done");
        std::fflush(stdout);
    }
    return 0;
}
