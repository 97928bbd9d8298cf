// A service is offered a channel. It may refuse, die, or never answer; then nothing of the offer is left here.
#include "monitor/operation/channels.hpp"
#include "monitor/transfer.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;
namespace intermonitor = urpc::intermonitor;
namespace protocol = urpc::monitor;

namespace {

// Under emulation a core of many may be out of turn for seconds.
constexpr uint64_t answer_patience = 10'000'000'000;  // ns
constexpr uint64_t pause = 1'000'000;                 // ns, while the service's ring is full

// On one core the client's own are copied; from another core they come as words.
Status take_capabilities(Monitor& m, Channel& channel, const intermonitor::Bind& offer) {
    if (base::core_of(offer.client) != m.core) {
        channel.frame = SKERRY_TRY(made_of(m.self, offer.frame));
        channel.notify = SKERRY_TRY(made_of(m.self, offer.notify));
        return {};
    }
    Channel* other = m.channels.find(offer.channel);
    DomainRecord* client = m.domains.find(offer.client);
    if (other == nullptr || client == nullptr || client->program == nullptr) return Error::closed;
    channel.frame = SKERRY_TRY(copy_of(m.self, other->frame.ref()));
    channel.notify = SKERRY_TRY(copy_of(m.self, client->program->domain.notify.ref()));
    return {};
}

// Tells the service, when there is room in its ring. Errors: closed, timed_out.
Task<Status> announce(FramePool&, Monitor& m, base::DomainId service, protocol::Incoming message, uint64_t deadline) {
    for (;;) {
        DomainRecord* record = m.domains.find(service);
        if (record == nullptr || record->program == nullptr) co_return Error::closed;
        Status sent = record->program->link.try_send(message);
        if (sent.error() != Error::full) co_return sent;
        if (m.now() >= deadline) co_return Error::timed_out;
        auto wait = m.loop.timers().sleep(m.now() + pause);
        co_await wait;
    }
}

// The service's answer. Errors: timed_out, closed (it has died), and what it said.
Task<Status> await_answer(FramePool&, Monitor& m, uint64_t id, uint64_t deadline) {
    for (;;) {
        Channel* channel = m.channels.find(id);
        SKERRY_ASSERT(channel != nullptr);  // only accept_bind removes one that is opening
        if (channel->state == ChannelState::accepted) co_return Status{};
        if (channel->state == ChannelState::refused) co_return channel->answer;
        if (!m.domains.alive(channel->domain)) co_return Error::closed;
        if (m.now() >= deadline) co_return Error::timed_out;
        auto wait = m.loop.timers().wait(m.changed, deadline);
        co_await wait;
    }
}

}  // namespace

Task<Result<intermonitor::BindAccepted>> accept_bind(FramePool& pool, Monitor& m, intermonitor::Bind offer) {
    uint64_t deadline = m.now() + answer_patience;
    while (m.channels.opening_at(offer.service) >= protocol::offers_at_once) {
        if (m.now() >= deadline) co_return Error::timed_out;
        auto wait = m.loop.timers().wait(m.changed, deadline);
        co_await wait;
    }
    if (!m.domains.alive(offer.service)) co_return Error::not_found;
    auto added = m.channels.add(offer.service, offer.client, false);
    if (!added.ok()) co_return added.error();
    uint64_t id = added.value()->id;
    added.value()->peer_channel = offer.channel;
    uint64_t bytes = offer.frame[2];  // size, in a capability's words

    Status status = take_capabilities(m, *added.value(), offer);
    if (status.ok()) {
        auto delivering = deliver(pool, m, id);
        status = co_await delivering;
    }
    if (status.ok()) {
        auto announcing =
            announce(pool, m, offer.service, {id, bytes, offer.client, offer.protocol, offer.manager}, deadline);
        status = co_await announcing;
    }
    if (status.ok()) {
        auto answering = await_answer(pool, m, id, deadline);
        status = co_await answering;
    }
    Channel* channel = m.channels.find(id);
    SKERRY_ASSERT(channel != nullptr);
    DomainRecord* service = m.domains.find(offer.service);
    if (status.ok() && (service == nullptr || service->program == nullptr)) status = Error::closed;
    Result<Word4> notify{Error::closed};
    if (status.ok()) notify = words_of(service->program->domain.notify.ref());
    if (status.ok()) status = notify.error();
    if (!status.ok()) {
        drop_channel(m, *channel);
        m.changed.set();
        co_return status.error();
    }
    channel->state = ChannelState::open;
    m.changed.set();
    co_return intermonitor::BindAccepted{id, notify.value()};
}

Status take_answer(Monitor& m, base::DomainId service, const protocol::Answer& answer) {
    Channel* channel = m.channels.find(answer.channel, service);
    if (channel == nullptr) return {};  // too late: the offer has been withdrawn
    if (channel->client || channel->state != ChannelState::opening) return Error::corrupt;
    channel->answer = answer.error;
    channel->state = answer.error == Error::none ? ChannelState::accepted : ChannelState::refused;
    m.changed.set();
    return {};
}

}  // namespace skerry::monitor
