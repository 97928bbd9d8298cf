// The message that a CPU driver sends to a dispatcher's fault endpoint when the dispatcher can no longer be upcalled:
// it faulted while disabled, or its page is unusable. The badge is the one that its parent gave the endpoint.
//   words: 0 FaultKind, 1 address or exception number, 2 instruction pointer, 3 DomainId word, 4 error code
#pragma once

#include <cstdint>

namespace skerry::capabilities {

enum class FaultKind : uint64_t {
    page_fault = 1,   // while disabled
    exception = 2,    // while disabled
    system_call = 3,  // a foreign system call while disabled
    no_entry = 4,     // the page names no entry for the upcall
    bad_state = 5,    // the disabled save area cannot be resumed
    lost_space = 6,   // its capability or address space was revoked
};
constexpr uint32_t fault_message_words = 5;

}  // namespace skerry::capabilities
