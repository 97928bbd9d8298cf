// A machine in this process, its serial line on standard input and output. The launcher (tools/hosted.py) checks what
// people type; what is wrong here ends with one line and status 2.
#include <cstdio>
#include <cstdlib>

#include "platforms/base/assert.hpp"
#include "platforms/hosted/core_thread.hpp"
#include "platforms/hosted/machine_shape.hpp"
#include "platforms/hosted/programs.hpp"
#include "platforms/hosted/world.hpp"
#include "usr/runtime/program.hpp"

namespace skerry::base {

// Of a program: its domain ends. Of a driver: the machine does.
void assertion_failed(const char* expression, const char* file, int line) {
    if (!hosted::CoreThread::anywhere()) {
        std::fprintf(stderr, "assertion %s failed, %s:%d\n", expression, file, line);
        std::abort();
    }
    hosted::CoreThread& core = hosted::CoreThread::here();
    if (core.in_program()) {
        runtime::ExitMessage message{.status = runtime::fault_status,
                                     .reason = runtime::ExitReason::assertion,
                                     .detail = {static_cast<uint64_t>(line), 0}};
        message.set_text(file);
        runtime::program().dispatcher.end(message);
    }
    char text[300];
    std::snprintf(text, sizeof text, "assertion %s failed, %s:%d", expression, file, line);
    core.world().panic(core.hardware(), text);
}

}  // namespace skerry::base

int main(int count, char** arguments) {
    using namespace skerry::hosted;
    MachineShape shape;
    if (const char* problem = read_shape({arguments + 1, static_cast<size_t>(count - 1)}, shape)) {
        std::fprintf(stderr, "skerry_hosted: %s\n", problem);
        return 2;
    }
    std::vector<std::byte> archive = make_archive();
    World world(std::move(shape), archive);
    return world.run();
}
