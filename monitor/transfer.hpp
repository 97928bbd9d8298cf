// Capabilities on their way: between cores as the words of their value (monitors are trusted to forge: law 12), to a
// program of this core by a same-core message.
#pragma once

#include <bit>

#include "monitor/memory.hpp"
#include "urpc/protocols/monitor.hpp"

namespace skerry::monitor {

using urpc::monitor::Word4;

// The words of a capability that we hold.
inline base::Result<Word4> words_of(CapRef cap) {
    capabilities::Capability value = SKERRY_TRY(runtime::CNodeCap{}.identify(cap));
    return std::bit_cast<Word4>(value);
}

// A capability made of the words that another monitor sent. Errors: those of Kernel.create.
inline base::Result<Owned> made_of(runtime::Program& self, const Word4& words) {
    Owned cap = SKERRY_TRY(Owned::empty(self.slots));
    SKERRY_CHECK(runtime::KernelCap{}.create(cap.ref(), std::bit_cast<capabilities::Capability>(words)));
    return cap;
}

// A second one for ourselves. Errors: those of CNode.copy and mint.
inline base::Result<Owned> copy_of(runtime::Program& self, CapRef cap,
                                   capabilities::Rights mask = capabilities::Rights::all) {
    Owned copy = SKERRY_TRY(Owned::empty(self.slots));
    SKERRY_CHECK(runtime::CNodeCap{}.mint(copy.ref(), cap, mask));
    return copy;
}

}  // namespace skerry::monitor
