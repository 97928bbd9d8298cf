#include "usr/memory/ledger.hpp"

namespace skerry::usr::memory {

using base::Error;
using base::Result;
using base::Status;

Ledger::Ledger(std::span<AccountRecord> accounts, std::span<BlockRecord> blocks)
    : accounts_(accounts), blocks_(blocks) {
    SKERRY_ASSERT(!accounts.empty() && !blocks.empty());
    for (AccountRecord& account : accounts_) account = {};
    for (size_t i = blocks_.size(); i-- > 0;) {  // so that the lowest record is used first
        blocks_[i] = {};
        blocks_[i].left = unused_;
        unused_ = &blocks_[i];
    }
}

AccountRecord* Ledger::lookup(uint32_t counter) {
    for (AccountRecord& account : accounts_) {
        if (account.open && account.counter == counter) return &account;
    }
    return nullptr;
}

const AccountRecord* Ledger::account(uint32_t counter) const {
    return const_cast<Ledger*>(this)->lookup(counter);
}

Result<uint32_t> Ledger::account_index(uint32_t counter) const {
    const AccountRecord* found = account(counter);
    if (found == nullptr) return Error::not_found;
    return static_cast<uint32_t>(found - accounts_.data());
}

Status Ledger::open(uint32_t counter, uint64_t limit) {
    if (lookup(counter) != nullptr) return Error::exists;
    for (AccountRecord& account : accounts_) {
        if (account.open) continue;
        account = {counter, true, limit, 0, 0};
        ++accounts_open_;
        return {};
    }
    return Error::full;
}

Status Ledger::close(uint32_t counter) {
    AccountRecord* account = lookup(counter);
    if (account == nullptr) return Error::not_found;
    if (account->blocks != 0) return Error::busy;
    SKERRY_ASSERT(account->used == 0 && accounts_open_ > 0);
    account->open = false;
    --accounts_open_;
    return {};
}

Status Ledger::may_charge(uint32_t counter, uint64_t bytes) const {
    const AccountRecord* holder = account(counter);
    if (holder == nullptr) return Error::not_found;
    if (holder->used > holder->limit || bytes > holder->limit - holder->used) return Error::refused;
    if (unused_ == nullptr) return Error::full;
    return {};
}

Result<uint32_t> Ledger::charge(uint32_t counter, uint32_t region, Block block, bool pinned) {
    SKERRY_CHECK(may_charge(counter, block.size()));
    BlockRecord& record = *unused_;
    SKERRY_ASSERT(!record.held);
    unused_ = record.left;
    record = {};
    record.account = counter;
    record.region = region;
    record.block = block;
    record.held = true;
    record.pinned = pinned;
    held_.insert(record);
    AccountRecord* holder = lookup(counter);
    holder->used += block.size();
    holder->blocks += 1;
    return index(record);
}

void Ledger::discharge(uint32_t number) {
    detach(number);
    recycle(number);
}

void Ledger::detach(uint32_t number) {
    SKERRY_ASSERT(number < blocks_.size() && blocks_[number].held);
    BlockRecord& record = blocks_[number];
    AccountRecord* holder = lookup(record.account);
    SKERRY_ASSERT(holder != nullptr && holder->blocks > 0 && holder->used >= record.block.size());
    holder->used -= record.block.size();
    holder->blocks -= 1;
    held_.remove(record);
    record.held = false;
    record.account = 0;
}

void Ledger::recycle(uint32_t number) {
    SKERRY_ASSERT(number < blocks_.size() && !blocks_[number].held);
    BlockRecord& record = blocks_[number];
    record = {};
    record.left = unused_;
    unused_ = &record;
}

BlockRecord* Ledger::at_or_after(uint32_t counter, uint64_t base) const {
    BlockRecord* found = held_.lower_bound(
        [=](const BlockRecord& r) { return r.account != counter ? r.account < counter : r.block.base < base; });
    return found != nullptr && found->account == counter ? found : nullptr;
}

Result<uint32_t> Ledger::find(uint32_t counter, uint64_t base) const {
    BlockRecord* found = at_or_after(counter, base);
    if (found == nullptr || found->block.base != base) return Error::not_found;
    return index(*found);
}

Result<uint32_t> Ledger::first(uint32_t counter) const {
    BlockRecord* found = at_or_after(counter, 0);
    if (found == nullptr) return Error::not_found;
    return index(*found);
}

}  // namespace skerry::usr::memory
