#include "usr/records/shelf.hpp"

#include <utility>

#include "platforms/base/assert.hpp"

namespace skerry::usr::records {

Share::~Share() {
    if (shelf_ != nullptr) shelf_->remove(*this);
}

void Shelf::add(Share& share) {
    SKERRY_ASSERT(share.shelf_ == nullptr);
    share.shelf_ = this;
    shares_.push_back(share);
}

void Shelf::remove(Share& share) {
    SKERRY_ASSERT(share.shelf_ == this);
    clear(share);
    shares_.remove(share);
    share.shelf_ = nullptr;
}

// Its watches first: it need not hear of its own end.
void Shelf::clear(Share& share) {
    for (Share::Watch& watch : share.watch_) watch.used = false;
    share.claim_ = {};
    for (uint32_t i = 0; i < share.record_.size(); i++) {
        if (std::exchange(share.used_[i], false)) tell(Change::gone, share.record_[i]);
    }
    listener_.changed();
}

Status Shelf::set(Share& share, const Record& record) {
    uint32_t place = Share::records_maximum;
    for (Share* other = shares_.front(); other != nullptr; other = shares_.next(*other)) {
        for (uint32_t i = 0; i < other->record_.size(); i++) {
            if (!other->used_[i] || !(other->record_[i].name == record.name)) continue;
            if (other != &share) return Error::exists;
            place = i;
        }
    }
    bool fresh = place == Share::records_maximum;
    for (uint32_t i = 0; fresh && place == Share::records_maximum && i < share.used_.size(); i++) {
        if (!share.used_[i]) place = i;
    }
    if (place == Share::records_maximum) return Error::full;
    if (!fresh && share.record_[place] == record) return {};
    share.record_[place] = record;
    share.used_[place] = true;
    tell(fresh ? Change::made : Change::changed, record);
    listener_.changed();
    return {};
}

const Record* Shelf::find(const Query& query, std::string_view after) {
    const Record* best = nullptr;
    for (Share* share = shares_.front(); share != nullptr; share = shares_.next(*share)) {
        for (uint32_t i = 0; i < share->record_.size(); i++) {
            const Record& record = share->record_[i];
            if (!share->used_[i] || record.name.view() <= after || !query.matches(record)) continue;
            if (best == nullptr || record.name.view() < best->name.view()) best = &record;
        }
    }
    return best;
}

uint32_t Shelf::erase(Share& share, const Query& query) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < share.record_.size(); i++) {
        if (!share.used_[i] || !query.matches(share.record_[i])) continue;
        share.used_[i] = false;
        count++;
        tell(Change::gone, share.record_[i]);
    }
    if (count != 0) listener_.changed();
    return count;
}

Share::Claim* Shelf::free_claim(Share& share) {
    for (Share::Claim& claim : share.claim_) {
        if (claim.ticket == 0) return &claim;
    }
    return nullptr;
}

const Share::Claim* Shelf::claim_of(const Share& share, uint64_t ticket) {
    for (const Share::Claim& claim : share.claim_) {
        if (claim.ticket == ticket && ticket != 0) return &claim;
    }
    return nullptr;
}

Result<uint64_t> Shelf::enter_lock(Share& share, const Word& name) {
    for (const Share::Claim& claim : share.claim_) {
        if (claim.ticket != 0 && claim.parties == 0 && claim.name == name) return Error::exists;
    }
    Share::Claim* place = free_claim(share);
    if (place == nullptr) return Error::full;
    *place = {.ticket = ++tickets_, .name = name, .parties = 0, .passed = false};
    return tickets_;
}

bool Shelf::has_lock(const Share& share, uint64_t ticket) {
    const Share::Claim* own = claim_of(share, ticket);
    if (own == nullptr || own->parties != 0) return false;
    for (Share* other = shares_.front(); other != nullptr; other = shares_.next(*other)) {
        for (const Share::Claim& claim : other->claim_) {
            bool before = claim.ticket != 0 && claim.ticket < ticket;
            if (before && claim.parties == 0 && claim.name == own->name) return false;
        }
    }
    return true;
}

Status Shelf::leave_lock(Share& share, const Word& name) {
    for (Share::Claim& claim : share.claim_) {
        if (claim.ticket == 0 || claim.parties != 0 || !(claim.name == name)) continue;
        claim = {};
        listener_.changed();
        return {};
    }
    return Error::not_found;
}

Result<uint64_t> Shelf::enter_barrier(Share& share, const Word& name, uint32_t parties) {
    if (parties == 0 || parties > barrier_most) return Error::invalid_argument;
    Share::Claim* place = free_claim(share);
    if (place == nullptr) return Error::full;
    auto each_waiting = [&](auto&& act) {
        for (Share* other = shares_.front(); other != nullptr; other = shares_.next(*other)) {
            for (Share::Claim& claim : other->claim_) {
                if (claim.ticket != 0 && claim.parties != 0 && !claim.passed && claim.name == name) act(claim);
            }
        }
    };
    uint32_t there = 1;
    bool agreed = true;
    each_waiting([&](Share::Claim& claim) { there++, agreed &= claim.parties == parties; });
    if (!agreed) return Error::refused;
    *place = {.ticket = ++tickets_, .name = name, .parties = parties, .passed = false};
    if (there == parties) {
        each_waiting([](Share::Claim& claim) { claim.passed = true; });
        listener_.changed();
    }
    return place->ticket;
}

bool Shelf::is_open(const Share& share, uint64_t ticket) const {
    const Share::Claim* claim = claim_of(share, ticket);
    return claim != nullptr && claim->parties != 0 && claim->passed;
}

void Shelf::leave_barrier(Share& share, uint64_t ticket) {
    for (Share::Claim& claim : share.claim_) {
        if (claim.ticket == ticket && claim.parties != 0) claim = {};
    }
}

Result<uint32_t> Shelf::watch(Share& share, const Query& query) {
    for (uint32_t i = 0; i < share.watch_.size(); i++) {
        if (share.watch_[i].used) continue;
        Share::Watch& watch = share.watch_[i];
        watch.first = watch.count = watch.missed = 0;
        watch.query = query;
        watch.used = true;
        return i;
    }
    return Error::full;
}

Status Shelf::unwatch(Share& share, uint32_t watch) {
    if (watch >= share.watch_.size() || !share.watch_[watch].used) return Error::not_found;
    share.watch_[watch].used = false;
    listener_.changed();
    return {};
}

bool Shelf::has_event(const Share& share, uint32_t watch) const {
    return watch < share.watch_.size() && share.watch_[watch].used && share.watch_[watch].count != 0;
}

Result<Event> Shelf::take_event(Share& share, uint32_t watch) {
    if (!has_event(share, watch)) return Error::not_found;
    Share::Watch& from = share.watch_[watch];
    Event event = from.event[from.first];
    from.first = (from.first + 1) % Share::events_maximum;
    from.count--;
    return event;
}

// What has no room is counted, and said with the first event that has.
void Shelf::tell(Change change, const Record& record) {
    for (Share* share = shares_.front(); share != nullptr; share = shares_.next(*share)) {
        for (Share::Watch& watch : share->watch_) {
            if (!watch.used || !watch.query.matches(record)) continue;
            if (watch.count == Share::events_maximum) {
                watch.missed++;
                continue;
            }
            uint32_t at = (watch.first + watch.count++) % Share::events_maximum;
            watch.event[at] = {change, record, std::exchange(watch.missed, 0)};
        }
    }
}

}  // namespace skerry::usr::records
