// What the memory service asks of its capability space and of LRPC. The program does it with system calls
// (usr/memory/capability_vault.hpp), the unit tests with a model.
#pragma once

#include <cstdint>
#include <span>

#include "platforms/base/result.hpp"
#include "urpc/protocols/memory.hpp"

namespace skerry::usr::memory {

struct Range {
    uint64_t base = 0;  // physical
    uint64_t size = 0;  // bytes
};

// A capability that came with the message being handled lies in the receive slot until it is taken or
// dropped.
class Vault {
  public:
    // Keeps the received RAM capability as that of a region. Errors: no_capability, wrong_type.
    virtual base::Result<Range> take_region(uint32_t region) = 0;
    virtual void drop_region(uint32_t region) = 0;
    // Keeps the received endpoint as the one for an account's replies. Errors: no_capability, wrong_type.
    virtual base::Status take_endpoint(uint32_t account) = 0;
    virtual void drop_endpoint(uint32_t account) = 0;
    virtual void drop_received() = 0;

    // Bytes (whole pages) that the vault needs from the end of a region for its own objects, and then makes
    // them there, and maps the `words` words of book-keeping that lie before them.
    virtual uint64_t own_bytes(uint32_t region) = 0;
    virtual base::Result<std::span<uint64_t>> set_aside(uint32_t region, uint64_t offset, uint64_t words) = 0;

    // Makes the capability of a granted block in the place of its record.
    virtual base::Status carve(uint32_t region, uint64_t offset, uint64_t bytes, uint32_t record) = 0;
    // Revokes every copy and descendant of it, and deletes it. Errors: shared (other cores hold some of it, and it is kept:
    // again later); any other: the memory must not be granted again.
    virtual base::Status destroy(uint32_t record) = 0;

    static constexpr uint32_t no_record = ~uint32_t{0};
    // Sends to an account's endpoint; with a record, a copy of that block's capability rides along, without
    // the revoke right unless `trusted`. Errors: full (try again later), anything else: never.
    virtual base::Error send(uint32_t account, const urpc::memory::Words& words, uint32_t record, bool trusted) = 0;

  protected:
    ~Vault() = default;
};

}  // namespace skerry::usr::memory
