// A request to another core's driver: drop what you have cached of one page, after taking rights from it or taking it out
// of the space altogether, if that is asked. The line lies in a frame that the dispatcher
// whose space is meant has made of its core's memory and shares with one requester; that dispatcher's driver reads it when
// a Flush capability's `request` makes it, and believes nothing in it.
//
//   requester: address and operation, then request (release), then Flush.request; waits for answer == request (acquire)
//   driver:    request (acquire), address, operation; changes the entry, invalidates; answer = request (release)
#pragma once

#include <atomic>
#include <cstdint>

namespace skerry::capabilities {

// What happens to the page's entry in the dispatcher's own tables, before it is invalidated. The Mapping that made it
// stays, and holds nothing any more once the entry is gone: delete it.
enum class PageChange : uint64_t {
    keep,    // nothing
    narrow,  // may be read only from now on
    clear,   // not mapped any more
};

struct alignas(64) FlushLine {
    std::atomic<uint64_t> request{0};  // number of the request, written by the requester
    std::atomic<uint64_t> address{0};  // user address in the page
    std::atomic<uint64_t> answer{0};   // number of the request that was served last, written by the driver
    std::atomic<uint64_t> operation{0};
    uint64_t unused[4] = {};

    // The next request; one at a time.
    void ask(uint64_t user_address, PageChange change = PageChange::keep) {
        address.store(user_address, std::memory_order_relaxed);
        operation.store(static_cast<uint64_t>(change), std::memory_order_relaxed);
        request.store(request.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }
    bool answered() const { return answer.load(std::memory_order_acquire) == request.load(std::memory_order_relaxed); }
};
static_assert(sizeof(FlushLine) == 64);

}  // namespace skerry::capabilities
