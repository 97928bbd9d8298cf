#include "platforms/simulated/terminal.hpp"

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <cinttypes>
#include <cstdio>

namespace skerry::simulated {

void Terminal::flush() {
    std::string_view left = output_;
    while (!left.empty()) {
        ssize_t count = ::write(1, left.data(), left.size());
        if (count <= 0) break;
        left.remove_prefix(static_cast<size_t>(count));
    }
    output_.clear();
}

void Terminal::printed(uint8_t byte) {
    output_ += static_cast<char>(byte);
    if (byte == '\n' || byte == '\a') flush();
}

void Terminal::take_input() {
    uint8_t bytes[256];
    ssize_t count = ::read(0, bytes, sizeof bytes);
    open_ = count > 0;
    if (open_) (void)simulator().world().serial().receive({bytes, static_cast<size_t>(count)});
}

void Terminal::quiet() {
    flush();
    booted_ = true;
    if (open_) return take_input();
    for (;;) pause();  // nothing can happen any more; whoever started us ends us
}

void Terminal::busy() {
    flush();
    // What follows the prompt by itself is a part of boot: it shall not depend on when somebody types. Nor shall any figures.
    if (!booted_ || simulator().timing() != nullptr) return;
    pollfd input{.fd = 0, .events = POLLIN, .revents = 0};
    if (open_ && poll(&input, 1, 0) > 0) take_input();
}

// A nanosecond of the machine is a cycle there.
void Terminal::tell(const Timing& timing, const Counts& counts) {
    using Seconds = std::chrono::duration<double>;
    double seconds = Seconds(std::chrono::steady_clock::now() - began_).count();
    const model::Directory::Traffic& traffic = timing.traffic();
    std::fprintf(stderr,
                 "lines: %" PRIu64 " from another core, %" PRIu64 " from memory, %" PRIu64 " taken, %" PRIu64
                 " copies ended; %" PRIu64 " page walks, %" PRIu64 " pokes\n",
                 traffic.from_core, traffic.from_memory, traffic.taken, traffic.copies_ended, timing.walks(),
                 counts.pokes);
    std::fprintf(stderr, "host: %.0f accesses a second, %" PRIu64 " KiB a core for what is known of lines\n",
                 static_cast<double>(counts.accesses) / seconds,
                 timing.host_bytes() / 1024 / simulator().world().shape().cores.size());
}

void Terminal::ended(int status) {
    flush();
    const Counts& counts = simulator().counts();
    if (reports_) {
        std::fprintf(stderr,
                     "simulated: %" PRIu64 " ns, %" PRIu64 " accesses, %" PRIu64 " visible steps, run %016" PRIx64 "\n",
                     simulator().now(), counts.accesses, counts.visible, simulator().hash());
    }
    if (const Timing* timing = simulator().timing()) tell(*timing, counts);
    std::fflush(nullptr);
    _exit(status);
}

void Terminal::failed(const std::string& why) {
    output_ += "panic: " + why + "\r\n";
    ended(125);
}

}  // namespace skerry::simulated
