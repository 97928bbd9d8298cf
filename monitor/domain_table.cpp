#include "monitor/domain_table.hpp"

namespace skerry::monitor {

DomainRecord* DomainTable::unused() {
    for (DomainRecord& record : records_) {
        if (record.id.value == 0) return &record;
    }
    return nullptr;
}

Result<DomainRecord*> DomainTable::add(const Name& name, DomainId parent) {
    if (name.length == 0) return Error::invalid_argument;
    DomainRecord* record = unused();
    uint32_t siblings = 0;
    for (const DomainRecord& other : records_) siblings += other.id.value != 0 && other.parent == parent;
    if (parent.value != 0 && siblings >= per_parent) return Error::full;
    // A core that has used up its counters starts no more: an id must not name two domains.
    if (record == nullptr || next_counter_ == ~uint32_t{0}) return Error::full;
    *record = DomainRecord{};
    ++count_;
    record->id = base::make_domain_id(core_, next_counter_++);
    record->parent = parent;
    record->name = name;
    return record;
}

Result<DomainRecord*> DomainTable::add_system(uint32_t counter, std::string_view name) {
    SKERRY_ASSERT(counter != 0 && counter < domain_counter::first_program);
    if (find(counter) != nullptr) return Error::exists;
    DomainRecord* record = unused();
    if (record == nullptr) return Error::full;
    *record = DomainRecord{};
    ++count_;
    record->id = base::make_domain_id(core_, counter);
    record->name = Name::cut(name);
    record->state = DomainState::running;
    record->system = true;
    return record;
}

void DomainTable::forget(DomainRecord& record) {
    SKERRY_ASSERT(record.id.value != 0 && record.program == nullptr);
    free(record);
}

void DomainTable::free(DomainRecord& record) {
    if (record.state == DomainState::ending && !record.claimed) --unclaimed_;
    --count_;
    record = DomainRecord{};
    SKERRY_ASSERT(count_ <= capacity && unclaimed_ <= count_);
}

DomainRecord* DomainTable::find(DomainId id) {
    if (id.value == 0) return nullptr;
    for (DomainRecord& record : records_) {
        if (record.id == id) return &record;
    }
    return nullptr;
}

bool DomainTable::alive(DomainId id) {
    DomainRecord* record = find(id);
    return record != nullptr && record->state != DomainState::ending;
}

DomainRecord* DomainTable::next(DomainId after) {
    DomainRecord* least = nullptr;
    for (DomainRecord& record : records_) {
        if (record.id <= after || record.id.value == 0) continue;
        if (least == nullptr || record.id < least->id) least = &record;
    }
    return least;
}

void DomainTable::begin_end(DomainRecord& record, uint32_t status, std::string_view reason) {
    SKERRY_ASSERT(record.id.value != 0);
    if (record.state == DomainState::ending) return;
    record.state = DomainState::ending;
    ++unclaimed_;
    record.ending.status = status;
    record.ending.reason = decltype(Ended::reason)::cut(reason);
}

DomainRecord* DomainTable::claim_ending() {
    if (unclaimed_ == 0) return nullptr;
    for (DomainRecord& record : records_) {
        if (record.id.value == 0 || record.state != DomainState::ending || record.claimed) continue;
        record.claimed = true;
        --unclaimed_;
        return &record;
    }
    SKERRY_ASSERT(!"an end that waits to be claimed is counted, and not there");
    return nullptr;
}

void DomainTable::give_up_claim(DomainRecord& record) {
    SKERRY_ASSERT(record.state == DomainState::ending && record.claimed);
    record.claimed = false;
    ++unclaimed_;
}

void DomainTable::finish(DomainRecord& record) {
    SKERRY_ASSERT(record.state == DomainState::ending && record.program == nullptr);
    log_[log_next_] = {record.id, record.ending};
    log_next_ = (log_next_ + 1) % log_capacity;
    free(record);
}

const Ended* DomainTable::ended(DomainId id) const {
    for (const End& end : log_) {
        if (end.id == id && id.value != 0) return &end.how;
    }
    return nullptr;
}

}  // namespace skerry::monitor
