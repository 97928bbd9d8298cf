#include "monitor/operation/names.hpp"

#include "monitor/operation/connect.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;
namespace intermonitor = urpc::intermonitor;
namespace protocol = urpc::monitor;

Task<Result<protocol::ServiceRegistered>> register_service(FramePool&, Monitor& m, base::DomainId service,
                                                           protocol::RegisterService request) {
    Status done = Error::closed;
    if (m.is_directory()) {
        done = m.names.add(request.name, service, request.protocol);
    } else if (Peer* directory = m.peers.find(m.directory)) {
        intermonitor::Register forwarded{request.name, service, request.protocol};
        auto call = directory->link.call(forwarded);
        auto answer = co_await call;
        done = answer.error();
    }
    if (!done.ok()) co_return done.error();
    // If it has died meanwhile, its end (which waits for us) takes the name back.
    DomainRecord* record = m.domains.find(service);
    if (record != nullptr) record->registered = true;
    m.changed.set();
    co_return protocol::ServiceRegistered{};
}

Task<Status> unregister_service(FramePool&, Monitor& m, base::DomainId service) {
    if (m.is_directory()) {
        m.names.remove(service);
        co_return Status{};
    }
    Peer* directory = m.peers.find(m.directory);
    if (directory == nullptr) co_return Error::closed;
    intermonitor::Unregister message{service};
    auto sending = directory->link.send(message);
    Status sent = co_await sending;
    co_return sent;
}

Task<Result<intermonitor::Found>> find_service(FramePool&, Monitor& m, base::DomainId client, Name name,
                                               uint64_t deadline) {
    constexpr uint64_t first_pause = 1'000'000, longest_pause = 64'000'000;  // ns
    uint64_t pause = first_pause;
    for (;;) {
        if (!m.domains.alive(client)) co_return Error::closed;
        Result<intermonitor::Found> found{Error::closed};
        if (m.is_directory()) {
            found = m.names.find(name);
        } else if (Peer* directory = m.peers.find(m.directory)) {
            intermonitor::Lookup request{name};
            auto call = directory->link.call(request);
            found = co_await call;
        }
        if (found.error() != Error::not_found) co_return found;
        if (m.now() >= deadline) co_return Error::timed_out;
        // Here the registration itself wakes us; elsewhere we ask again, less and less often.
        uint64_t until = deadline;
        if (!m.is_directory()) until = std::min(deadline, m.now() + pause);
        pause = std::min(2 * pause, longest_pause);
        if (m.is_directory()) {
            auto wait = m.loop.timers().wait(m.changed, until);
            co_await wait;
        } else {
            auto wait = m.loop.timers().sleep(until);
            co_await wait;
        }
    }
}

}  // namespace skerry::monitor
