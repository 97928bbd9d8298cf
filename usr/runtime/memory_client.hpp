// RAM from this core's memory service, by same-core messages (urpc/protocols/memory.hpp). Waits for each
// answer.
#pragma once

#include "urpc/protocols/memory.hpp"
#include "usr/runtime/dispatcher.hpp"
#include "usr/runtime/ram_source.hpp"

namespace skerry::runtime {

class MemoryClient final : public RamSource {
  public:
    // The dispatcher must receive capabilities (receive_capabilities). `account`: the domain counter that
    // pays; 0 = oneself; others only for init and the monitor.
    MemoryClient(Dispatcher& dispatcher, SlotAllocator& slots, uint64_t account = 0,
                 CapRef endpoint = capabilities::well_known::memory_endpoint)
        : dispatcher_(&dispatcher), slots_(&slots), account_(account), endpoint_(endpoint) {}

    Result<RamBlock> allocate(uint64_t bytes, uint64_t alignment) override;
    void release(const RamBlock& block) override;

    // One request and its reply; `capability` rides along if it is not null. Errors: timed_out, closed, and
    // the service's own. For the calls that have no name here (accounts, regions, statistics).
    Result<Message> call(urpc::memory::Words words, uint32_t tag, CapRef capability = {});
    uint32_t next_tag() { return ++last_tag_; }

  private:
    Dispatcher* dispatcher_;
    SlotAllocator* slots_;
    uint64_t account_;
    CapRef endpoint_;
    uint32_t last_tag_ = 0;
};

}  // namespace skerry::runtime
