// Two capabilities to a program, each by a same-core message: narrowed, so that the program can use and pass them on,
// but take nothing away from others.
#include "monitor/operation/channels.hpp"
#include "monitor/transfer.hpp"

namespace skerry::monitor {

using base::Error;
using base::Status;
using capabilities::Rights;
using urpc::FramePool;
using urpc::Task;
using urpc::monitor::DeliveryKind;

namespace {

constexpr uint64_t patience = 1'000'000'000;  // ns, for an endpoint that is full
constexpr uint64_t pause = 1'000'000;

Status send_one(Monitor& m, uint64_t id, DeliveryKind kind) {
    Channel* channel = m.channels.find(id);
    if (channel == nullptr) return Error::not_found;
    DomainRecord* record = m.domains.find(channel->domain);
    if (record == nullptr || record->program == nullptr) return Error::not_found;
    bool is_frame = kind == DeliveryKind::frame;
    Rights rights = Rights::transfer | (is_frame ? Rights::read | Rights::write : Rights::send);
    Owned copy = SKERRY_TRY(copy_of(m.self, is_frame ? channel->frame.ref() : channel->notify.ref(), rights));
    uint64_t words[10] = {urpc::monitor::delivery_opcode, id, static_cast<uint64_t>(kind)};
    return runtime::send(record->program->deliver.ref(), capabilities::SendHeader::with_cap(3, copy.ref()), words);
}

}  // namespace

Task<Status> deliver(FramePool&, Monitor& m, uint64_t id) {
    uint64_t deadline = m.now() + patience;
    for (DeliveryKind kind : {DeliveryKind::frame, DeliveryKind::notify}) {
        for (;;) {
            Status sent = send_one(m, id, kind);
            if (sent.ok()) break;
            if (sent.error() != Error::full) co_return sent;
            if (m.now() >= deadline) co_return Error::timed_out;
            auto wait = m.loop.timers().sleep(m.now() + pause);
            co_await wait;
        }
    }
    co_return Status{};
}

}  // namespace skerry::monitor
