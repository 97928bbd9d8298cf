#include "usr/console/console_link.hpp"

namespace skerry::usr::console {

Status ConsoleLink::open(uint64_t patience_ns) {
    SKERRY_ASSERT(!peer_.has_value());
    shared_ = SKERRY_TRY(monitor_.bind<Protocol>(urpc::console::service_name, patience_ns));
    auto layout = urpc::ChannelLayout::of(platform::at<void>(shared_.address), shared_.bytes, urpc::Side::a);
    if (!layout.ok()) {
        monitor_.drop(shared_);
        return layout.error();
    }
    poker_.emplace(shared_.notify);
    peer_.emplace(loop_.set(), layout.value(), *poker_, loop_.pool(), handler_);
    return {};
}

void ConsoleLink::close() {
    if (!peer_) return;
    peer_->close();
    (void)loop_.program().dispatcher.wait_until([&] { return peer_->finished(); }).ok();
    peer_.reset();
    uint64_t channel = shared_.channel;
    monitor_.drop(shared_);
    monitor_.close(channel);
}

void ConsoleLink::write(std::string_view text) {
    for (char c : text) {
        if (gathered_.bytes.length == urpc::console::output_bytes) push();
        gathered_.bytes.data[gathered_.bytes.length++] = static_cast<uint8_t>(c);
    }
}

void ConsoleLink::push() {
    if (gathered_.bytes.length == 0) return;
    if (peer_) (void)loop_.send(*peer_, gathered_).ok();
    gathered_.bytes.length = 0;
}

Status ConsoleLink::flush() {
    auto flushed = ask(urpc::console::Flush{});
    return flushed.ok() ? Status{} : Status{flushed.error()};
}

}  // namespace skerry::usr::console
