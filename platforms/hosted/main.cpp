// skerry_hosted [--cores N] [--command-line TEXT]: a machine in this process, its serial line on standard input and
// output. The launcher checks what people type; what is wrong here ends with one line and status 2.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "platforms/base/assert.hpp"
#include "platforms/hosted/core_thread.hpp"
#include "platforms/hosted/programs.hpp"
#include "platforms/hosted/world.hpp"
#include "usr/runtime/program.hpp"

namespace skerry::base {

// Of a program: its domain ends. Of a driver: the machine does.
void assertion_failed(const char* expression, const char* file, int line) {
    using namespace skerry;
    if (hosted::CoreThread::anywhere() && hosted::CoreThread::here().in_program()) {
        std::fprintf(stderr, "assertion %s failed, %s:%d\n", expression, file, line);
        runtime::ExitMessage message{.status = runtime::fault_status,
                                     .reason = runtime::ExitReason::assertion,
                                     .detail = {static_cast<uint64_t>(line), 0}};
        message.set_text(file);
        runtime::program().dispatcher.end(message);
    }
    std::fprintf(stderr, "panic: assertion %s failed, %s:%d\n", expression, file, line);
    std::abort();
}

}  // namespace skerry::base

namespace {

[[noreturn]] void usage(const char* what) {
    std::fprintf(stderr, "skerry_hosted: %s (usage: skerry_hosted [--cores 1..64] [--command-line TEXT])\n", what);
    std::exit(2);
}

}  // namespace

int main(int count, char** arguments) {
    using namespace skerry::hosted;
    MachineShape shape;
    shape.cores.resize(1);
    for (int i = 1; i < count; i += 2) {
        if (i + 1 == count) usage("an option lacks its value");
        if (std::strcmp(arguments[i], "--cores") == 0) {
            char* end = nullptr;
            unsigned long cores = std::strtoul(arguments[i + 1], &end, 10);
            if (*end != 0 || cores < 1 || cores > 64) usage("--cores wants a number from 1 to 64");
            shape.cores.assign(cores, {});
        } else if (std::strcmp(arguments[i], "--command-line") == 0) {
            shape.command_line = arguments[i + 1];
        } else {
            usage("unknown option");
        }
    }
    std::vector<std::byte> archive = make_archive();
    World world(std::move(shape), archive);
    return world.run();
}
