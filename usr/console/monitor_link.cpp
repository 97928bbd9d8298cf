#include "usr/console/monitor_link.hpp"

namespace skerry::usr::console {

namespace protocol = urpc::monitor;
using capabilities::SendHeader;
using runtime::CapRef;
using runtime::Owned;

void MonitorLink::MonitorPoker::poke() {
    // A full endpoint wakes its receiver just as well.
    uint64_t words[10] = {protocol::poke_opcode};
    (void)runtime::send(capabilities::well_known::monitor_endpoint, SendHeader::words(1), words).ok();
}

Status MonitorLink::open() {
    const runtime::StartInfo* start = loop_.program().start;
    if (start == nullptr || start->ring_address == 0) return Error::not_found;
    auto layout = urpc::ChannelLayout::of(platform::at<void>(start->ring_address), start->ring_size, urpc::Side::a);
    if (!layout.ok()) return layout.error();
    peer_.emplace(loop_.set(), layout.value(), poker_, loop_.pool(), handler_);
    return {};
}

// Answers go without waiting: we are in the poll loop. The ring holds far more of them than the monitor may
// have outstanding, so `full` means that the monitor has stopped reading, and then nothing matters any more.
void MonitorLink::Handler::operator()(const protocol::Incoming& message) {
    Error error = link.events_.incoming(message);
    (void)link.peer_->try_send(protocol::Answer{message.channel, error}).ok();
}

void MonitorLink::Handler::operator()(const protocol::ChannelGone& message) {
    if (link.events_.gone(message.channel)) link.release(message.channel);
}

void MonitorLink::release(uint64_t channel) {
    if (peer_) (void)peer_->try_send(protocol::ChannelReleased{channel}).ok();
}

void MonitorLink::close(uint64_t channel) {
    if (peer_) (void)peer_->try_send(protocol::CloseChannel{channel}).ok();
}

Result<SharedFrame> MonitorLink::bind(std::string_view name, uint64_t patience_ns, uint64_t hash, uint64_t bytes) {
    auto bound = ask(protocol::Bind{protocol::Name::cut(name), hash, patience_ns, bytes});
    if (!bound.ok()) return bound.error();
    return take(bound->channel, bound->bytes);
}

// The monitor sent it before it wrote the line that we have just read, but the driver hands over messages at upcalls
// only, one each: giving up the core brings the next. Bounded by what may lie before it in endpoint and inbox.
CapRef MonitorLink::take_capability(uint64_t channel, protocol::DeliveryKind kind) {
    constexpr int turns = 64;
    for (int turn = 0; turn < turns; turn++) {
        CapRef found = find_capability(channel, kind);
        if (!found.null()) return found;
        runtime::yield();
    }
    return {};
}

CapRef MonitorLink::find_capability(uint64_t channel, protocol::DeliveryKind kind) {
    runtime::Message message;
    auto wanted = [&](const runtime::Message& m) {
        return m.token == 0 && m.badge == 1 && m.word[0] == protocol::delivery_opcode && m.word[1] == channel &&
               m.word[2] == static_cast<uint64_t>(kind);
    };
    return loop_.program().dispatcher.take(wanted, message) ? message.cap : CapRef{};
}

Result<SharedFrame> MonitorLink::take(uint64_t channel, uint64_t bytes) {
    runtime::Program& self = loop_.program();
    Owned frame(take_capability(channel, protocol::DeliveryKind::frame), self.slots);
    Owned notify(take_capability(channel, protocol::DeliveryKind::notify), self.slots);
    if (!frame || !notify) return Error::not_found;
    constexpr uint64_t flags = capabilities::map_flags::read | capabilities::map_flags::write;
    auto address = self.space().map_anywhere(frame.ref(), 0, bytes, flags);
    if (!address.ok()) return address.error();
    return SharedFrame{channel, *address, bytes, frame.release(), notify.release()};
}

void MonitorLink::drop(SharedFrame& shared) {
    runtime::Program& self = loop_.program();
    if (shared.address != 0) (void)self.space().unmap(shared.address, shared.bytes).ok();
    Owned(shared.frame, self.slots).reset();
    Owned(shared.notify, self.slots).reset();
    shared = {};
}

}  // namespace skerry::usr::console
