#include "usr/runtime/memory_client.hpp"

#include <algorithm>

namespace skerry::runtime {

namespace memory = urpc::memory;
using capabilities::SendHeader;

namespace {
constexpr uint64_t patience_ns = 10'000'000'000;  // the service is on this core and trusted: longer means it is dead
}  // namespace

Result<Message> MemoryClient::call(memory::Words words, uint32_t tag, CapRef capability) {
    uint64_t raw[10];
    std::copy(words.begin(), words.end(), raw);
    SendHeader header = capability.null() ? SendHeader::words(10) : SendHeader::with_cap(10, capability);
    uint64_t deadline = dispatcher_->now() + patience_ns;
    for (;;) {
        Status sent = send(endpoint_, header, raw);
        if (sent.ok()) break;
        if (sent.error() != Error::full) return sent.error();
        if (dispatcher_->now() >= deadline) return Error::timed_out;
        yield();  // the service empties its ring when it runs
    }
    Message reply;
    auto is_reply = [&](const Message& message) {
        return message.token == 0 && message.badge == memory::service_badge &&
               memory::operation_of(message.word) == memory::Operation::reply && memory::tag_of(message.word) == tag;
    };
    SKERRY_CHECK(dispatcher_->wait_until([&] { return dispatcher_->take(is_reply, reply); }, deadline));
    Error error = memory::error_of(reply.word);
    if (error != Error::none) return error;
    return reply;
}

Result<RamBlock> MemoryClient::allocate(uint64_t bytes, uint64_t alignment) {
    // Without a slot that was ready it comes without its capability. Slots were filled up when its message was taken.
    constexpr uint32_t attempts = 4;
    for (uint32_t i = 0; i < attempts; ++i) {
        uint32_t tag = next_tag();
        Message reply = SKERRY_TRY(call(memory::request(memory::Alloc{bytes, alignment, account_}, tag), tag));
        auto granted = memory::values_of<memory::Granted>(reply.word);
        if (!reply.cap.null()) return RamBlock{reply.cap, granted.base, granted.bytes};
        release(RamBlock{{}, granted.base, granted.bytes});
    }
    return Error::no_memory;
}

void MemoryClient::release(const RamBlock& block) {
    uint32_t tag = next_tag();
    Result<Message> reply = call(memory::request(memory::GiveBack{block.base, account_}, tag), tag);
    if (!reply.ok() || block.cap.null()) return;
    Owned(block.cap, *slots_).reset();  // the service has revoked it: the slot is empty
}

}  // namespace skerry::runtime
