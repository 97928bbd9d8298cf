#include "platforms/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

#include "platforms/hosted/core_thread.hpp"
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
