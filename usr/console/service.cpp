#include "usr/console/service.hpp"

#include <new>

#include "platforms/base/format.hpp"

namespace skerry::usr::console {

namespace monitor = urpc::monitor;
using capabilities::well_known::dispatcher;

Status Service::start() {
    if (!uart_.start()) return Error::not_found;
    // Without an interrupt the line is looked at a hundred times a second: slow, but it works.
    has_interrupt_ = runtime::InterruptCap{}.connect(0, dispatcher).ok();
    loop_.set().add(*this);
    SKERRY_CHECK(monitor_.open());
    auto registered = monitor_.ask(
        monitor::RegisterService{monitor::Name::cut(urpc::console::service_name), urpc::console::Protocol::hash});
    return registered.ok() ? Status{} : Status{registered.error()};
}

void Service::serve() {
    runtime::Dispatcher& self = loop_.program().dispatcher;
    for (;;) {
        uint64_t look_ns = accepted() != on_wire() ? 1'000'000 : 10'000'000;
        uint64_t deadline = has_interrupt_ ? 0 : self.now() + look_ns;
        auto someone_leaves = [&] {
            for (auto& client : clients_) {
                if (client && (client->leaving || client->closed()) && client->quiet()) return true;
            }
            return false;
        };
        (void)self.wait_until(someone_leaves, deadline).ok();
        let_go();
    }
}

void Service::transmit(std::span<const uint8_t> bytes) {
    SKERRY_ASSERT(room_for(bytes.size() * 2));
    char text[urpc::console::output_bytes * 2];
    size_t count = 0;
    for (uint8_t byte : bytes) {
        if (byte == '\n') text[count++] = '\r';
        text[count++] = static_cast<char>(byte);
    }
    size_t taken = uart_.put(std::span<const char>(text, count));
    SKERRY_ASSERT(taken == count);
}

size_t Service::poll() {
    uint64_t before = uart_.on_wire();
    bool more = uart_.service();
    bool passed = pass_input();
    return more || passed || uart_.on_wire() != before ? 1 : 0;
}

// While the line is polled its interrupt may stay masked. What came before it was unmasked made none: a last look.
bool Service::prepare_to_block() {
    if (!has_interrupt_) return true;
    return runtime::InterruptCap{}.acknowledge(0).ok() && poll() == 0;
}

// Hands on what was typed, in runs that go to one client. Without anybody to take it, it is dropped.
bool Service::pass_input() {
    typed_count_ += uart_.take(std::span(typed_).subspan(typed_count_));
    if (typed_count_ == 0) return false;
    uint32_t to = focus_.route(typed_[0]);
    size_t run = 1;
    while (run < typed_count_ && typed_[run] != Focus::interrupt) ++run;
    if (to != Focus::nobody) {
        SKERRY_ASSERT(clients_[to].has_value());
        auto* bytes = reinterpret_cast<const uint8_t*>(typed_);
        Status given = clients_[to]->give_input(std::span(bytes, run));
        if (given.error() == Error::full) return false;
    }
    for (size_t i = run; i < typed_count_; ++i) typed_[i - run] = typed_[i];
    typed_count_ -= run;
    return true;
}

uint32_t Service::index(const Client& client) const {
    for (uint32_t i = 0; i < clients_maximum; ++i) {
        if (clients_[i] && &*clients_[i] == &client) return i;
    }
    SKERRY_ASSERT(!"a client of ours");
    return Focus::nobody;
}

std::optional<Client>* Service::find(base::DomainId domain) {
    for (auto& client : clients_) {
        if (client && client->domain() == domain) return &client;
    }
    return nullptr;
}

Status Service::lend_focus(Client& client, base::DomainId to) {
    std::optional<Client>* borrower = find(to);
    if (borrower == nullptr) return Error::not_found;
    return focus_.lend(index(client), index(**borrower));
}

Status Service::start_drain(Client& asker, base::DomainId of) {
    if (index(asker) != focus_.owner()) return Error::refused;
    for (auto& client : clients_) {
        if (client && client->domain() == of) client->look_again();
    }
    return {};
}

bool Service::drained(Client& asker, base::DomainId of) {
    for (auto& client : clients_) {
        if (client && &*client != &asker && client->domain() == of && !client->quiet()) return false;
    }
    return true;
}

Error Service::incoming(const monitor::Incoming& message) {
    for (auto& place : clients_) {
        if (place) continue;
        auto shared = monitor_.take(message.channel, message.bytes);
        if (!shared.ok()) return shared.error();
        auto* frame = platform::at<void>(shared->address);
        auto layout = urpc::ChannelLayout::of(frame, shared->bytes, urpc::Side::b);
        if (!layout.ok()) {
            monitor_.drop(*shared);
            return layout.error();
        }
        place.emplace(loop_, *this, *shared, *layout, message.client);
        return Error::none;
    }
    return Error::full;
}

bool Service::gone(uint64_t channel) {
    for (auto& client : clients_) {
        if (!client || client->shared().channel != channel) continue;
        client->leaving = true;
        client->look_again();  // its last words may still be in the ring
        return false;
    }
    return true;
}

// One line for whoever reads: text of a program that is cut off must not look like its end. Without room for it, none.
void Service::tell_violation(const Client& client) {
    if (client.reason() != Error::corrupt && client.reason() != Error::refused) return;
    base::Buffer<96> line;
    line << "console: the channel of " << base::core_of(client.domain()).value << ':'
         << base::counter_of(client.domain()) << " is closed: " << base::text(client.reason()) << '\n';
    if (room_for(line.view().size() + 1))
        transmit({reinterpret_cast<const uint8_t*>(line.view().data()), line.view().size()});
}

void Service::let_go() {
    for (auto& client : clients_) {
        if (!client || !(client->leaving || client->closed()) || !client->quiet()) continue;
        SharedFrame shared = client->shared();
        uint64_t channel = shared.channel;
        bool leaving = client->leaving;
        tell_violation(*client);
        focus_.leave(index(*client));
        client.reset();
        monitor_.drop(shared);
        if (leaving) {
            monitor_.release(channel);
        } else {
            monitor_.close(channel);
        }
    }
}

namespace {}

}  // namespace skerry::usr::console

int program_main(skerry::runtime::Program& self) {
    using namespace skerry::usr::console;
    auto& service = *new (skerry::platform::static_storage<Service>()) Service(self);
    auto started = service.start();
    if (!started.ok()) return 1;
    service.serve();
    return 0;
}
