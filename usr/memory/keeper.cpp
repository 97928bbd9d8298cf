#include "usr/memory/keeper.hpp"

#include "platforms/base/ids.hpp"

namespace skerry::usr::memory {

namespace protocol = urpc::memory;
using base::Error;
using base::Result;
using base::Status;
using protocol::Operation;
using protocol::Words;

namespace {

bool trusted(uint32_t badge) {
    return badge == protocol::init_badge || badge == protocol::monitor_badge;
}

// Which account pays: one's own, or, for those who are trusted, any.
Result<uint32_t> payer(uint32_t badge, uint64_t account) {
    if (account == 0 || account == badge) return badge;
    if (!trusted(badge)) return Error::refused;
    if (account > ~uint32_t{0}) return Error::invalid_argument;
    return static_cast<uint32_t>(account);
}

template <typename Values>
Words outcome(uint32_t tag, const Result<Values>& result) {
    return result.ok() ? protocol::reply(tag, result.value()) : protocol::reply(tag, result.error());
}
Words outcome(uint32_t tag, const Status& status) {
    return protocol::reply(tag, status.error());
}

}  // namespace

void Keeper::handle(uint32_t badge, const Words& words, bool capability) {
    uint32_t tag = protocol::tag_of(words);
    Operation operation = protocol::operation_of(words);
    bool takes = operation == Operation::register_domain || operation == Operation::add_region;
    if (capability && !takes) vault_.drop_received();
    drain();
    switch (operation) {
        case Operation::alloc:
            return alloc(badge, words);
        case Operation::give_back:
            return give_back(badge, words);
        case Operation::register_domain: {
            Status done = open(badge, protocol::fields<protocol::RegisterDomain>(words), capability);
            if (!done.ok() && capability) vault_.drop_received();
            return answer(badge, outcome(tag, done));
        }
        case Operation::release_domain: {
            uint64_t counter = protocol::fields<protocol::ReleaseDomain>(words).counter;
            if (counter > ~uint32_t{0}) return answer(badge, protocol::reply(tag, Error::not_found));
            return answer(badge, outcome(tag, release(badge, static_cast<uint32_t>(counter))));
        }
        case Operation::add_region: {
            Status done = add(badge, protocol::fields<protocol::AddRegion>(words).node, capability);
            if (!done.ok() && capability) vault_.drop_received();
            return answer(badge, outcome(tag, done));
        }
        case Operation::statistics:
            return answer(badge, outcome(tag, statistics(protocol::fields<protocol::Statistics>(words).index)));
        case Operation::account:
            return answer(badge, outcome(tag, account(badge, protocol::fields<protocol::Account>(words).counter)));
        case Operation::prefer_nodes:
            return answer(badge, outcome(tag, prefer(badge, protocol::fields<protocol::PreferNodes>(words))));
        case Operation::reply:
            break;
    }
    answer(badge, protocol::reply(tag, Error::unsupported));
}

void Keeper::alloc(uint32_t badge, const Words& words) {
    auto request = protocol::fields<protocol::Alloc>(words);
    uint32_t tag = protocol::tag_of(words);
    // Nobody to give it to: without an account of its own a caller gets nothing, whoever pays.
    if (ledger_.account(badge) == nullptr) return;
    Result<uint32_t> pays = payer(badge, request.account);
    if (!pays.ok()) return answer(badge, protocol::reply(tag, pays.error()));
    Result<Grant> made = grant(badge, *pays, request);
    if (!made.ok()) return answer(badge, protocol::reply(tag, made.error()));
    answer(badge, protocol::reply(tag, made->granted), made->record);
}

Result<Keeper::Grant> Keeper::grant(uint32_t badge, uint32_t payer, const protocol::Alloc& request) {
    uint32_t order = SKERRY_TRY(Buddy::order_for(request.bytes, request.alignment));
    SKERRY_CHECK(ledger_.may_charge(payer, Buddy::page << order));
    uint32_t index = SKERRY_TRY(region_with(order, request.node));
    Region& region = region_[index];
    Block block = SKERRY_TRY(region.buddy.allocate(order));
    uint32_t record = SKERRY_TRY(ledger_.charge(payer, index, block, payer != badge));  // checked above: does not fail
    Status carved = vault_.carve(index, block.base - region.base, block.size(), record);
    if (!carved.ok()) {
        ledger_.discharge(record);
        // What somebody else still holds part of must not be granted again.
        if (carved.error() == Error::overlaps) {
            lost_ += block.size();
        } else {
            region.buddy.release(block);
        }
        return carved.error();
    }
    region.blocks += 1;
    return Grant{record, {block.base, block.size()}};
}

Status Keeper::prefer(uint32_t badge, const protocol::PreferNodes& request) {
    if (!trusted(badge)) return Error::refused;
    preferred_ = request.nodes;
    for (uint32_t i = 0; i < region_count_; ++i) region_[i].rank = rank_of(region_[i].node);
    return {};
}

uint32_t Keeper::rank_of(uint64_t node) const {
    uint32_t rank = 0;
    while (rank < preferred_.size() && preferred_[rank] != node) ++rank;
    return node == protocol::no_node ? static_cast<uint32_t>(preferred_.size()) : rank;
}

// The first region of that node that has such a block, or else of the node that is preferred to others.
Result<uint32_t> Keeper::region_with(uint32_t order, uint64_t node) const {
    uint32_t any = region_count_;
    for (uint32_t i = 0; i < region_count_; ++i) {
        if (region_[i].buddy.largest_free() < (Buddy::page << order)) continue;
        if (region_[i].node == node) return i;
        if (any == region_count_ || region_[i].rank < region_[any].rank) any = i;
    }
    if (any == region_count_) return Error::no_memory;
    return any;
}

// Who is not trusted is answered when the memory is free: no core holds any of it. The monitor does not wait for that,
// because it is who makes the others let go.
void Keeper::give_back(uint32_t badge, const Words& words) {
    auto request = protocol::fields<protocol::GiveBack>(words);
    uint32_t tag = protocol::tag_of(words);
    Result<uint32_t> pays = payer(badge, request.account);
    if (!pays.ok()) return answer(badge, protocol::reply(tag, pays.error()));
    Result<uint32_t> record = ledger_.find(*pays, request.base);
    if (!record.ok()) return answer(badge, protocol::reply(tag, record.error()));
    bool pinned = ledger_.block(*record).pinned && !trusted(badge);
    if (pinned) return answer(badge, protocol::reply(tag, Error::refused));
    bool done = take_back(*record, trusted(badge) ? nobody : badge, tag);
    if (done || trusted(badge)) answer(badge, protocol::reply(tag, Error::none));
}

// Revoke first, free after: nobody may hold a capability to free memory.
bool Keeper::take_back(uint32_t record, uint32_t tells, uint32_t tag) {
    const BlockRecord held = ledger_.block(record);
    Region& region = region_[held.region];
    SKERRY_ASSERT(held.held && region.blocks > 0);
    for (Pending& pending : pending_) {
        if (!pending.used || pending.record != record) continue;
        pending.words = protocol::reply(protocol::tag_of(pending.words), Error::closed);
        pending.record = Vault::no_record;
    }
    region.blocks -= 1;
    ledger_.detach(record);
    if (free(record)) return true;
    if (draining_count_ == draining_maximum) {
        lost_ += held.block.size();  // its record stays as it is, too
        return true;
    }
    draining_[draining_count_++] = {record, tells, tag};
    return false;
}

// False: other cores hold some of it. The driver has told their monitors' by now.
bool Keeper::free(uint32_t record) {
    const BlockRecord gone = ledger_.block(record);
    Status destroyed = vault_.destroy(record);
    if (destroyed.error() == Error::shared) return false;
    ledger_.recycle(record);
    if (destroyed.ok()) {
        region_[gone.region].buddy.release(gone.block);
    } else {
        lost_ += gone.block.size();
    }
    return true;
}

// A few of those that waited, by turns.
void Keeper::drain() {
    constexpr uint32_t at_once = 8;
    for (uint32_t i = 0; i < at_once && draining_count_ > 0; ++i) {
        if (next_drained_ >= draining_count_) next_drained_ = 0;
        Draining block = draining_[next_drained_];
        if (!free(block.record)) {
            ++next_drained_;
            continue;
        }
        draining_[next_drained_] = draining_[--draining_count_];
        if (block.tells != nobody) answer(block.tells, protocol::reply(block.tag, Error::none));
    }
}

Status Keeper::open(uint32_t badge, const protocol::RegisterDomain& request, bool capability) {
    if (!trusted(badge)) return Error::refused;
    if (!capability) return Error::no_capability;
    if (request.counter > ~uint32_t{0}) return Error::invalid_argument;
    uint32_t counter = static_cast<uint32_t>(request.counter);
    SKERRY_CHECK(ledger_.open(counter, request.limit));
    uint32_t index = SKERRY_TRY(ledger_.account_index(counter));
    Status taken = vault_.take_endpoint(index);
    if (!taken.ok()) (void)ledger_.close(counter).ok();
    return taken;
}

Result<uint64_t> Keeper::release(uint32_t badge, uint32_t counter) {
    if (!trusted(badge)) return Error::refused;
    const AccountRecord* held = ledger_.account(counter);
    if (held == nullptr) return Error::not_found;
    uint64_t bytes = held->used;
    for (Pending& pending : pending_) {
        if (pending.used && pending.counter == counter) pending = {};
    }
    for (Draining& block : draining_) {
        if (block.tells == counter) block.tells = nobody;
    }
    for (;;) {
        Result<uint32_t> record = ledger_.first(counter);
        if (!record.ok()) break;
        (void)take_back(*record);
    }
    vault_.drop_endpoint(SKERRY_TRY(ledger_.account_index(counter)));
    SKERRY_CHECK(ledger_.close(counter));
    return bytes;
}

Status Keeper::add(uint32_t badge, uint64_t node, bool capability) {
    if (!trusted(badge)) return Error::refused;
    if (!capability) return Error::no_capability;
    if (region_count_ == regions_maximum) return Error::full;
    Range range = SKERRY_TRY(vault_.take_region(region_count_));
    Status adopted = adopt(region_count_, range, node);
    if (!adopted.ok()) {
        vault_.drop_region(region_count_);
        return adopted;
    }
    ++region_count_;
    return {};
}

//   base                                    base + managed          base + managed + books     end
//   | blocks to grant                       | words of the BitTrees | the vault's own objects  |
Status Keeper::adopt(uint32_t index, Range range, uint64_t node) {
    if (!Buddy::acceptable(range.base, range.size)) return Error::misaligned;
    uint64_t own = vault_.own_bytes(index);
    uint64_t books = base::round_up(Buddy::words_needed(range.base, range.size) * 8, Buddy::page);
    if (range.size < own + books + Buddy::page) return Error::no_memory;
    uint64_t managed = range.size - own - books;
    uint64_t words = Buddy::words_needed(range.base, managed);
    std::span<uint64_t> storage = SKERRY_TRY(vault_.set_aside(index, managed, words));
    SKERRY_ASSERT(storage.size() == words);
    region_[index].node = node;
    region_[index].rank = rank_of(node);
    region_[index].blocks = 0;
    region_[index].base = range.base;
    region_[index].buddy = Buddy(range.base, managed, storage);
    return {};
}

Result<protocol::RegionStatistics> Keeper::statistics(uint64_t index) const {
    if (index >= region_count_) return Error::out_of_range;
    const Region& region = region_[index];
    return protocol::RegionStatistics{region.node,
                                      region.buddy.base(),
                                      region.buddy.size(),
                                      region.buddy.free_bytes(),
                                      region.buddy.largest_free(),
                                      region.blocks,
                                      region.buddy.shape(),
                                      region_count_,
                                      static_cast<uint32_t>(ledger_.accounts_open())};
}

Result<protocol::AccountState> Keeper::account(uint32_t badge, uint64_t counter) const {
    if (counter != badge && !trusted(badge)) return Error::refused;
    const AccountRecord* held = counter > ~uint32_t{0} ? nullptr : ledger_.account(static_cast<uint32_t>(counter));
    if (held == nullptr) return Error::not_found;
    return protocol::AccountState{held->limit, held->used, held->blocks};
}

void Keeper::answer(uint32_t badge, const Words& words, uint32_t record) {
    Result<uint32_t> account = ledger_.account_index(badge);
    if (!account.ok()) return;
    Error sent = vault_.send(*account, words, record, trusted(badge));
    if (sent == Error::none) return;
    if (sent == Error::full) {
        for (Pending& pending : pending_) {
            if (pending.used) continue;
            pending = Pending{true, trusted(badge), badge, record, 0, words};
            return;
        }
    }
    give_up(record);
}

// The caller never learns of the block: it goes back.
void Keeper::give_up(uint32_t record) {
    ++dropped_;
    if (record != Vault::no_record) (void)take_back(record);
}

bool Keeper::retry() {
    bool waiting = false;
    for (Pending& pending : pending_) {
        if (!pending.used) continue;
        Result<uint32_t> account = ledger_.account_index(pending.counter);
        Error sent =
            account.ok() ? vault_.send(*account, pending.words, pending.record, pending.trusted) : Error::closed;
        if (sent == Error::full && ++pending.attempts < attempts_maximum) {
            waiting = true;
            continue;
        }
        uint32_t record = pending.record;
        pending = {};
        if (sent != Error::none) give_up(record);
    }
    return waiting;
}

}  // namespace skerry::usr::memory
