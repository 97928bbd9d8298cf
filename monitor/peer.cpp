#include "monitor/monitor.hpp"

namespace skerry::monitor {

Peer::Peer(Monitor& monitor, base::CoreId other, const urpc::ChannelLayout& layout)
    : core(other), handler{monitor, *this}, link(monitor.loop.set(), layout, poker, monitor.pool(), handler) {}

}  // namespace skerry::monitor
