// The Linux half of `./skerry bench message --vs linux` and of `bench traffic --vs linux`: the first process of a Linux
// that runs nothing else. It takes commands from the console and frames what it prints as our shell does (tools/wire.py):
//   run SAMPLES        every mechanism
//   traffic SAMPLES    pipe and futex; a page that goes while other cores use it
//   unmap SAMPLES      a page that changes while other cores read it all the time
#include <sys/reboot.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>

#include "usr/bench/linux/reading.hpp"
#include "usr/bench/linux/round_trip.hpp"
#include "usr/bench/linux/unmap.hpp"

namespace skerry::bench_linux {

namespace {

bench::Samples samples;
constexpr char mark[] = "\x1b]skerry;";

void row(std::string_view variant, uint32_t cores, const char* metric) {
    bench::Summary result = samples.summary();
    std::printf("csv,message,,,,%.*s,%u,%s,%lu,%lu,%lu,cycles,%u\n", static_cast<int>(variant.size()), variant.data(),
                cores, metric, result.median, result.min, result.p99, result.samples);
}

void measure_mechanism(std::string_view name, bool two_cores, uint32_t wanted) {
    if (two_cores) {
        round_trips(name, Sides::threads, 1, wanted, samples);
        row(name, 2, "round_trip_threads");
        round_trips(name, Sides::processes, 1, wanted, samples);
        row(name, 2, "round_trip_processes");
    }
    round_trips(name, Sides::processes, 0, wanted, samples);
    row(name, 1, "round_trip_processes");
}

void measure(uint32_t cores, uint32_t wanted) {
    if (cores > 1) {
        bare_line(wanted, samples);
        row("bare_line", 2, "round_trip");
    }
    for (std::string_view name : mechanism_names) measure_mechanism(name, cores > 1, wanted);
}

void measure_traffic(uint32_t cores, uint32_t wanted) {
    for (std::string_view name : {"pipe", "futex"}) measure_mechanism(name, cores > 1, wanted);
    change_page(Change::protect, cores, wanted, samples);
    row("mprotect", cores, "latency");
    change_page(Change::unmap, cores, wanted, samples);
    row("munmap", cores, "latency");
}

void measure_unmap(uint32_t cores, uint32_t wanted) {
    change_read_page(Change::protect, cores, wanted, samples);
    row("mprotect", cores, "protect");
    change_read_page(Change::unmap, cores, wanted, samples);
    row("munmap", cores, "unmap");
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
    uint32_t cores = 0;
    while (run_on(static_cast<int>(cores))) ++cores;
    if (!run_on(0)) fail("sched_setaffinity");
    std::printf("%sready\a", mark);
    std::fflush(stdout);
    char line[128], token[64], word[16];
    while (std::fgets(line, sizeof line, stdin) != nullptr) {
        unsigned wanted = 0;
        if (std::sscanf(line, "\x01%63s %15s %u", token, word, &wanted) < 2) continue;
        std::string_view command = word;
        if (command != "run" && command != "traffic" && command != "unmap") continue;
        std::printf("%sbegin;%s\a", mark, token);
        (command == "run" ? measure : command == "traffic" ? measure_traffic : measure_unmap)(cores, wanted);
        std::printf("%send;%s;0\a", mark, token);
        std::fflush(stdout);
    }
    return 0;  // the console is gone, and with its first process Linux ends
}
