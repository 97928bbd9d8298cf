// Who holds which block: accounts by domain counter, blocks by account and base. Records lie in arrays that
// the owner gives; the index of a block's record is also the place of the service's own capability to it.
#pragma once

#include <cstdint>
#include <span>

#include "platforms/base/result.hpp"
#include "platforms/base/tree.hpp"
#include "usr/memory/buddy.hpp"

namespace skerry::usr::memory {

struct BlockRecord {
    uint32_t account = 0;
    uint32_t region = 0;
    Block block;
    BlockRecord* parent = nullptr;  // in the tree when held; `left` links the unused records
    BlockRecord* left = nullptr;
    BlockRecord* right = nullptr;
    int8_t balance = 0;
    bool held = false;
    bool pinned = false;  // only a trusted caller may give it back
};

struct AccountRecord {
    uint32_t counter = 0;
    bool open = false;
    uint64_t limit = 0;  // bytes
    uint64_t used = 0;   // bytes
    uint64_t blocks = 0;
};

class Ledger {
  public:
    Ledger(std::span<AccountRecord> accounts, std::span<BlockRecord> blocks);

    // Errors: exists, full.
    base::Status open(uint32_t counter, uint64_t limit);
    // The account must hold no blocks any more. Errors: not_found, busy.
    base::Status close(uint32_t counter);
    const AccountRecord* account(uint32_t counter) const;
    // Index of an account among the records given at construction. Errors: not_found.
    base::Result<uint32_t> account_index(uint32_t counter) const;
    uint64_t accounts_open() const { return accounts_open_; }

    // Whether charge() would succeed. Errors: not_found (no such account), refused (limit), full (records).
    base::Status may_charge(uint32_t counter, uint64_t bytes) const;
    // -> index of the block's record; errors as may_charge.
    base::Result<uint32_t> charge(uint32_t counter, uint32_t region, Block block, bool pinned = false);
    void discharge(uint32_t record);
    // The same in two steps: it is nobody's, but its record and its block are not to be used yet.
    void detach(uint32_t record);
    void recycle(uint32_t record);

    // Record of the block of that account that starts at base. Errors: not_found.
    base::Result<uint32_t> find(uint32_t counter, uint64_t base) const;
    // Record of the account's lowest block. Errors: not_found when it holds none.
    base::Result<uint32_t> first(uint32_t counter) const;
    const BlockRecord& block(uint32_t record) const { return blocks_[record]; }

  private:
    struct ByAccount {
        static BlockRecord*& parent(BlockRecord& r) { return r.parent; }
        static BlockRecord*& left(BlockRecord& r) { return r.left; }
        static BlockRecord*& right(BlockRecord& r) { return r.right; }
        static int8_t& balance(BlockRecord& r) { return r.balance; }
        static bool less(const BlockRecord& a, const BlockRecord& b) {
            return a.account != b.account ? a.account < b.account : a.block.base < b.block.base;
        }
    };
    AccountRecord* lookup(uint32_t counter);
    BlockRecord* at_or_after(uint32_t counter, uint64_t base) const;
    uint32_t index(const BlockRecord& record) const { return static_cast<uint32_t>(&record - blocks_.data()); }

    std::span<AccountRecord> accounts_;
    std::span<BlockRecord> blocks_;
    BlockRecord* unused_ = nullptr;
    uint64_t accounts_open_ = 0;
    base::Tree<BlockRecord, ByAccount> held_;
};

}  // namespace skerry::usr::memory
