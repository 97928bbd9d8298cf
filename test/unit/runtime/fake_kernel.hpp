// A model of the CPU driver for host tests of the runtime: capability spaces, retype, page tables. What is
// mapped in the own address space is really mapped on the host (from a memory file), so that copying into
// frames works.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "capabilities/capability.hpp"
#include "capabilities/interface/reference.hpp"
#include "platforms/base/result.hpp"
#include "usr/runtime/system_call.hpp"

namespace skerry::test {

using base::Error;
using capabilities::Capability;
using capabilities::CapRef;
using capabilities::Type;

class FakeKernel {
  public:
    static constexpr uint64_t ram_base = 0x100'0000, ram_bytes = 64 * 1024 * 1024;
    static constexpr CapRef ram{0, 31};  // all memory, in the own space

    FakeKernel();  // becomes the kernel that invocations reach; one at a time
    ~FakeKernel();
    FakeKernel(const FakeKernel&) = delete;
    FakeKernel& operator=(const FakeKernel&) = delete;

    Error invoke(runtime::Invocation& call);

    // The n-th invocation from now on (0 = the next) that removes nothing fails once with no_memory.
    void fail_after(uint64_t n) { fail_in_ = n; }
    bool failure_pending() const { return fail_in_.has_value(); }

    Capability* slot(uint64_t root_cnode, CapRef ref);
    Capability& own(CapRef ref) { return *slot(own_root_, ref); }
    size_t capabilities() const;  // in all CNodes
    std::byte* memory(uint64_t physical) { return memory_ + (physical - ram_base); }

    struct Page {
        uint64_t physical, flags;
    };
    // Walks the tables of a root VNode.
    std::optional<Page> lookup(uint64_t root_vnode, uint64_t address) const;
    uint64_t own_vspace() const { return own_vspace_; }

    struct Dispatcher {
        uint64_t cspace = 0, vspace = 0, frame = 0, page = 0, domain = 0, weight = 0;
        bool bound = false, started = false;
    };
    std::map<uint64_t, Dispatcher> dispatchers;  // by object
    uint32_t retype_batch = 1000;                // objects a step, then `again`
    std::vector<std::vector<uint64_t>> signals;  // by call: the Notify or Flush objects that it named, all or none

  private:
    struct Entry {
        uint64_t physical = 0, flags = 0;
        bool table = false;
    };
    Error cnode(const Capability& root, runtime::Invocation& call);
    Error retype(uint64_t root, runtime::Invocation& call);
    Error revoke(Capability& cap);
    Error map(const Capability& vnode, runtime::Invocation& call);
    Error dispatcher(const Capability& target, runtime::Invocation& call);
    Error signal(const Capability& target, std::span<const uint64_t> more);
    void drop(Capability& cap);
    void unmap(const Capability& mapping);
    void synchronise();

    std::optional<uint64_t> fail_in_;
    uint64_t own_root_, own_vspace_;
    std::map<uint64_t, std::vector<Capability>> cnodes_;    // by object
    std::map<uint64_t, std::map<uint32_t, Entry>> tables_;  // by VNode
    std::map<uint64_t, uint64_t> mapped_;                   // host pages of the own space: address -> physical
    int file_ = -1;
    std::byte* memory_ = nullptr;
};

}  // namespace skerry::test
