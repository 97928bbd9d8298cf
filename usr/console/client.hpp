// One program's channel as the console service sees it: takes one message at a time, and none while there is
// no room for its text or an answer of its own is outstanding. So a client holds at most one message of the
// service's memory.
#pragma once

#include "urpc/protocols/console.hpp"
#include "usr/console/monitor_link.hpp"

namespace skerry::usr::console {

class Client;

// What a client asks of the service.
class Switchboard {
  public:
    virtual bool room_for(size_t bytes) = 0;                    // on the transmit side, \n counted twice
    virtual void transmit(std::span<const uint8_t> bytes) = 0;  // after room_for
    virtual uint64_t accepted() const = 0;  // bytes transmitted so far, and how many are on the wire
    virtual uint64_t on_wire() const = 0;
    virtual Status take_focus(Client& client) = 0;
    virtual Status lend_focus(Client& client, base::DomainId to) = 0;
    virtual void leave_focus(Client& client) = 0;
    // Begins to watch until everything that this domain had sent is transmitted. Errors: refused (not the
    // owner).
    virtual Status start_drain(Client& asker, base::DomainId of) = 0;
    virtual bool drained(Client& asker, base::DomainId of) = 0;

  protected:
    ~Switchboard() = default;
};

class Client final : public urpc::Polled {
  public:
    Client(Loop& loop, Switchboard& board, const SharedFrame& shared, const urpc::ChannelLayout& layout,
           base::DomainId domain)
        : loop_(loop),
          board_(board),
          shared_(shared),
          domain_(domain),
          poker_(shared.notify),
          channel_(layout, poker_, assembly_, urpc::console::Protocol::hash) {
        loop_.set().add(*this);
    }
    ~Client() {
        channel_.close();
        loop_.set().remove(*this);
    }

    base::DomainId domain() const { return domain_; }
    SharedFrame& shared() { return shared_; }
    // Since look_again() its ring was found empty, and everything taken from it was transmitted.
    bool quiet() const { return quiet_; }
    void look_again() { quiet_ = false; }
    bool closed() const { return channel_.closed(); }
    Error reason() const { return channel_.reason(); }
    // Errors: full, closed.
    Status give_input(std::span<const uint8_t> bytes);

    // Set when the peer has died: the service lets go of the client once it is quiet.
    bool leaving = false;

    size_t poll() override;
    bool prepare_to_block() override;
    void cancel_block() override;

  private:
    using Protocol = urpc::console::Protocol;
    enum class Waits : uint8_t { nothing, wire, drain };

    void handle(const urpc::Message& message);
    void on(const urpc::console::Output& message);
    void on(const urpc::console::Flush&);
    void on(const urpc::console::Drain& message);
    void on(const urpc::console::TakeFocus&);
    void on(const urpc::console::Lend& message);
    void on(const urpc::console::LeaveFocus&);
    void on(const auto&) { channel_.close(); }  // only we send these: a violation
    bool finish_waiting();
    template <typename Response>
    void reply(const Status& status);
    void send_reply();
    bool held() const { return waits_ != Waits::nothing || reply_waits_ || has_output_; }

    Loop& loop_;
    Switchboard& board_;
    SharedFrame shared_;
    base::DomainId domain_;
    NotifyPoker poker_;
    uint64_t assembly_[Protocol::max_words] = {};
    urpc::Channel channel_;

    Waits waits_ = Waits::nothing;
    uint64_t position_ = 0;  // in the transmitted bytes, for Waits::wire
    base::DomainId drain_;
    uint8_t answer_ = 0;        // opcode of the answer being waited for
    uint16_t id_ = 0;           // of the request being handled
    bool reply_waits_ = false;  // the answer found no room in the ring
    Error reply_error_ = Error::none;
    bool has_output_ = false;  // output_ waits for room
    urpc::console::Output output_;
    bool quiet_ = false;
    bool announced_ = false;
};

}  // namespace skerry::usr::console
