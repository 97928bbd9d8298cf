// What an ordinary program has of the system: its monitor, and the console for its text.
//
//   int program_main(runtime::Program& self) {
//       console::Session& session = console::static_session(self);
//       if (!session.start().ok()) return 1;
//       session.console.write("hello\n");
//       return session.finish(0);
//   }
#pragma once

#include <cstddef>
#include <new>

#include "usr/console/channel_watcher.hpp"
#include "usr/console/console_link.hpp"

namespace skerry::usr::console {

struct Session final : MonitorEvents {
    explicit Session(runtime::Program& self, InputSink* input = nullptr)
        : loop(self), monitor(loop, *this), console(loop, monitor, input) {}

    // Errors: those of the two opens. Waits so long for the console service.
    Status start(uint64_t patience_ns = 5'000'000'000) {
        SKERRY_CHECK(monitor.open());
        return console.open(patience_ns);
    }
    // The text is on the wire when this returns its argument: the exit status.
    int finish(int status) {
        (void)console.flush().ok();
        return status;
    }
    // The console has died: its frame stays mapped, unused, until this program ends.
    bool gone(uint64_t channel) override {
        console.lost(channel);
        watchers_.lost(channel);
        return false;
    }
    void watch(ChannelWatcher& watcher) { watchers_.add(watcher); }
    void unwatch(ChannelWatcher& watcher) { watchers_.remove(watcher); }

    Loop loop;
    MonitorLink monitor;
    ConsoleLink console;

  private:
    ChannelWatchers watchers_;
};

// The one of a small program: too large for its stack. Call it once.
inline Session& static_session(runtime::Program& self) {
    return *new (platform::static_storage<Session>()) Session(self);
}

}  // namespace skerry::usr::console
