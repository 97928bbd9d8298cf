// A program's channel to the console service: text out, keys in. Text is gathered into messages; flush()
// returns when all of it is on the wire.
#pragma once

#include <optional>
#include <string_view>

#include "urpc/protocols/console.hpp"
#include "usr/console/monitor_link.hpp"

namespace skerry::usr::console {

class InputSink {
  public:
    virtual void input(std::span<const uint8_t> bytes) = 0;

  protected:
    ~InputSink() = default;
};

class ConsoleLink {
  public:
    using Protocol = urpc::console::Protocol;

    // `input` may be null: what comes is dropped.
    ConsoleLink(Loop& loop, MonitorLink& monitor, InputSink* input) : loop_(loop), monitor_(monitor), input_(input) {}
    ~ConsoleLink() { close(); }

    // Errors: those of a bind.
    Status open(uint64_t patience_ns);
    void close();

    // Waits while the console is behind. After the console has gone, text is dropped.
    void write(std::string_view text);
    // Sends what is gathered; does not wait for the wire.
    void push();
    Status flush();
    // The monitor says that a channel has lost its other end.
    void lost(uint64_t channel) {
        if (peer_ && channel == shared_.channel) peer_->close();
    }

    template <typename Request>
    Result<typename Request::Response> ask(const Request& request) {
        if (!peer_) return Error::closed;
        push();
        return loop_.call(*peer_, request);
    }

  private:
    struct Handler {
        ConsoleLink& link;
        void operator()(const urpc::console::Input& message) {
            if (link.input_ != nullptr) link.input_->input(message.bytes.span());
        }
        Error operator()(const auto&) { return Error::corrupt; }  // nothing else is ours to serve
    };

    Loop& loop_;
    MonitorLink& monitor_;
    InputSink* input_;
    SharedFrame shared_;
    Handler handler_{*this};
    urpc::console::Output gathered_;
    std::optional<NotifyPoker> poker_;
    std::optional<urpc::Server<Protocol, Handler>> peer_;
};

}  // namespace skerry::usr::console
