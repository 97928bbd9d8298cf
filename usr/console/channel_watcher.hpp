// Who wants to hear that a channel has lost its other end: a program's Bound channels (bound.hpp).
#pragma once

#include <cstdint>

#include "platforms/base/list.hpp"

namespace skerry::usr::console {

class ChannelWatcher {
  public:
    virtual void lost(uint64_t channel) = 0;

  protected:
    ~ChannelWatcher() = default;

  private:
    friend class ChannelWatchers;
    base::ListLink link_;
};

class ChannelWatchers {
  public:
    void add(ChannelWatcher& watcher) { watchers_.push_back(watcher); }
    void remove(ChannelWatcher& watcher) { watchers_.remove(watcher); }
    bool empty() const { return watchers_.empty(); }
    void lost(uint64_t channel) {
        for (ChannelWatcher* watcher = watchers_.front(); watcher; watcher = watchers_.next(*watcher)) {
            watcher->lost(channel);
        }
    }

  private:
    base::List<ChannelWatcher, &ChannelWatcher::link_> watchers_;
};

}  // namespace skerry::usr::console
