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

#include "usr/console/console_link.hpp"

namespace skerry::usr::console {

// Hears of channels that have lost their other end (bound.hpp).
class ChannelWatcher {
  public:
    virtual void lost(uint64_t channel) = 0;

  protected:
    ~ChannelWatcher() = default;

  private:
    friend struct Session;
    base::ListLink link_;
};

struct Session final : MonitorEvents {
    explicit Session(runtime::Program& self, InputSink* input = nullptr)
        : loop(self), monitor(loop, *this), console(loop, monitor, input) {}

    // Errors: those of the two opens. Waits up to 5 s for the console service.
    Status start() {
        SKERRY_CHECK(monitor.open());
        return console.open(5'000'000'000);
    }
    // The text is on the wire when this returns its argument: the exit status.
    int finish(int status) {
        (void)console.flush().ok();
        return status;
    }
    // The console has died: its frame stays mapped, unused, until this program ends.
    bool gone(uint64_t channel) override {
        console.lost(channel);
        for (ChannelWatcher* watcher = watchers_.front(); watcher; watcher = watchers_.next(*watcher)) {
            watcher->lost(channel);
        }
        return false;
    }
    void watch(ChannelWatcher& watcher) { watchers_.push_back(watcher); }
    void unwatch(ChannelWatcher& watcher) { watchers_.remove(watcher); }

    Loop loop;
    MonitorLink monitor;
    ConsoleLink console;

  private:
    base::List<ChannelWatcher, &ChannelWatcher::link_> watchers_;
};

// The one of a small program: too large for its stack. Call it once.
inline Session& static_session(runtime::Program& self) {
    return *new (platform::static_storage<Session>()) Session(self);
}

}  // namespace skerry::usr::console
