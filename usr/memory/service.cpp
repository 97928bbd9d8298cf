// The memory service's program: one message after the other. Its spawner gives it no heap (heap_size 0): a
// fault of its own would have to ask itself for memory.
#include <new>

#include "usr/memory/capability_vault.hpp"
#include "usr/memory/keeper.hpp"
#include "usr/runtime/program.hpp"

namespace {

using namespace skerry;
using namespace skerry::usr::memory;

struct Service {
    explicit Service(runtime::Program& self) : vault(self), keeper(vault, accounts, blocks) {}
    AccountRecord accounts[CapabilityVault::accounts_maximum];
    BlockRecord blocks[CapabilityVault::records_maximum];
    CapabilityVault vault;
    Keeper keeper;
};

constexpr uint64_t retry_ns = 1'000'000;  // until a reply that met a full endpoint is tried again

}  // namespace

int program_main(runtime::Program& self) {
    auto& service = *new (platform::static_storage<Service>()) Service(self);
    bool waiting = false;
    for (;;) {
        runtime::Message message;
        auto arrived = [&] { return self.dispatcher.take([](const runtime::Message&) { return true; }, message); };
        uint64_t deadline = waiting ? self.dispatcher.now() + retry_ns : 0;
        if (self.dispatcher.wait_until(arrived, deadline).ok()) {
            service.vault.receive(message.cap);
            service.keeper.handle(static_cast<uint32_t>(message.badge), message.word, !message.cap.null());
        }
        waiting = service.keeper.retry();
    }
}
