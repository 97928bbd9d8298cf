// A client binds to a service by name.
#include "monitor/operation/channels.hpp"
#include "monitor/operation/connect.hpp"
#include "monitor/operation/decide.hpp"
#include "monitor/operation/names.hpp"
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

constexpr uint64_t smallest_frame = 4096, largest_frame = 65536;  // bytes
constexpr uint64_t longest_patience = 60'000'000'000;             // ns
constexpr uint64_t pause = 1'000'000;                             // ns

// The frame is of the client's memory, and pinned there: only we can give it back.
Result<Channel*> make_channel(Monitor& m, base::DomainId client, base::DomainId service, uint64_t bytes) {
    Channel* channel = SKERRY_TRY(m.channels.add(client, service, true));
    auto make = [&]() -> Status {
        uint32_t account = base::counter_of(client);
        channel->ram = SKERRY_TRY(m.memory.allocate(bytes, 0, account, ring_node(m, base::core_of(service))));
        Owned frame = SKERRY_TRY(Owned::empty(m.self.slots));
        SKERRY_CHECK(runtime::CNodeCap{}.retype(frame.ref(), channel->ram.cap, capabilities::Type::frame, 0, 0, bytes));
        SKERRY_CHECK(runtime::FrameCap{frame.ref()}.clean());
        channel->frame = std::move(frame);
        return {};
    };
    Status made = make();
    if (made.ok()) return channel;
    drop_channel(m, *channel);
    return made.error();
}

Result<intermonitor::Bind> make_offer(Monitor& m, Channel& channel, uint64_t hash) {
    DomainRecord* record = m.domains.find(channel.domain);
    if (record == nullptr || record->program == nullptr) return Error::closed;
    intermonitor::Bind offer{.client = channel.domain,
                             .service = channel.peer,
                             .protocol = hash,
                             .channel = channel.id,
                             .frame = {},
                             .notify = {},
                             .manager = record->manager};
    offer.frame = SKERRY_TRY(words_of(channel.frame.ref()));
    offer.notify = SKERRY_TRY(words_of(record->program->domain.notify.ref()));
    return offer;
}

// What the service's monitor answered: how the client wakes the service. On one core the service's own is copied.
Status accept_answer(Monitor& m, Channel& channel, const intermonitor::BindAccepted& answer) {
    channel.peer_channel = answer.channel;
    if (base::core_of(channel.peer) == m.core) {
        DomainRecord* service = m.domains.find(channel.peer);
        if (service == nullptr || service->program == nullptr) return Error::closed;
        channel.notify = SKERRY_TRY(copy_of(m.self, service->program->domain.notify.ref()));
    } else {
        channel.notify = SKERRY_TRY(made_of(m.self, answer.notify));
    }
    channel.state = ChannelState::open;
    return {};
}

Task<Result<intermonitor::BindAccepted>> offer_to(FramePool& pool, Monitor& m, intermonitor::Bind offer) {
    base::CoreId core = base::core_of(offer.service);
    if (core == m.core) {
        auto accepting = accept_bind(pool, m, offer);
        auto accepted = co_await accepting;
        co_return accepted;
    }
    auto connecting = connect(pool, m, core);
    auto peer = co_await connecting;
    if (!peer.ok()) co_return peer.error();
    auto call = peer.value()->link.call(offer);
    auto accepted = co_await call;
    co_return accepted;
}

// Once, to whoever has the name now. Errors: not_found (its holder has ended, or ends), and those of Bind.
Task<Result<protocol::Bound>> bind_to_holder(FramePool& pool, Monitor& m, base::DomainId client, protocol::Bind request,
                                             uint64_t deadline) {
    auto finding = find_service(pool, m, client, request.name, deadline);
    auto found = co_await finding;
    if (!found.ok()) co_return found.error();
    if (found->protocol != request.protocol) co_return Error::refused;

    auto made = make_channel(m, client, found->service, request.bytes);
    if (!made.ok()) co_return made.error();
    uint64_t id = made.value()->id;
    Result<intermonitor::BindAccepted> accepted{Error::closed};
    auto offer = make_offer(m, *made.value(), request.protocol);
    if (offer.ok()) {
        auto offering = offer_to(pool, m, offer.value());
        accepted = co_await offering;
    }
    Channel* channel = m.channels.find(id);
    SKERRY_ASSERT(channel != nullptr);  // only we remove one that is opening
    Status ready = accepted.error();
    if (ready.ok() && channel->state == ChannelState::refused) ready = Error::closed;  // accepted, and died
    if (!ready.ok()) {
        drop_channel(m, *channel);
        co_return ready.error();
    }
    ready = accept_answer(m, *channel, accepted.value());
    if (ready.ok()) {
        auto delivering = deliver(pool, m, id);
        ready = co_await delivering;
    }
    if (ready.ok()) co_return protocol::Bound{id, request.bytes, found->service};
    auto releasing = release_channel(pool, m, id);
    Status released = co_await releasing;
    (void)released.ok();
    co_return ready.error();
}

}  // namespace

Task<Result<protocol::Bound>> bind(FramePool& pool, Monitor& m, base::DomainId client, protocol::Bind request) {
    bool sound =
        request.bytes >= smallest_frame && request.bytes <= largest_frame && (request.bytes & (request.bytes - 1)) == 0;
    if (!sound) co_return Error::invalid_argument;
    uint64_t deadline = m.now() + std::min(request.patience_ns, longest_patience);
    for (;;) {
        auto binding = bind_to_holder(pool, m, client, request, deadline);
        auto bound = co_await binding;
        if (bound.error() != Error::not_found) co_return bound;
        // A name outlives its holder for a moment: until that has passed, it is as if nobody had it.
        if (m.now() >= deadline) co_return Error::timed_out;
        auto wait = m.loop.timers().sleep(std::min(deadline, m.now() + pause));
        co_await wait;
    }
}

}  // namespace skerry::monitor
