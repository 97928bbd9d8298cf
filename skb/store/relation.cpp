#include "skb/store/relation.hpp"

#include <algorithm>

namespace skerry::skb {

uint64_t Relation::hash(const Value* row, Columns columns) const {
    constexpr uint64_t multiplier = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio: Knuth, TAOCP 3, 6.4
    uint64_t hash = 0;
    for (uint32_t column = 0; column < arity_; column++) {
        if ((columns >> column & 1) == 0) continue;
        hash = (hash ^ row[column].word) * multiplier;
        hash ^= hash >> 32;
    }
    return hash;
}

bool Relation::equal(const Value* one, const Value* other, Columns columns) const {
    for (uint32_t column = 0; column < arity_; column++) {
        if ((columns >> column & 1) != 0 && one[column] != other[column]) return false;
    }
    return true;
}

// Chains are kept from greater ids to smaller ones.
void Relation::link(Index& index, uint32_t id) {
    uint32_t* at = &index.heads_[hash(row(id), index.columns_) & (index.heads_.size() - 1)];
    while (*at != no_row && *at > id) at = &index.nexts_[*at];
    index.nexts_[id] = *at;
    *at = id;
}

void Relation::unlink(Index& index, uint32_t id) {
    uint32_t* at = &index.heads_[hash(row(id), index.columns_) & (index.heads_.size() - 1)];
    while (*at != id) at = &index.nexts_[*at];
    *at = index.nexts_[id];
}

bool Relation::extend(Pool& pool, Index& index) {
    if (index.upto_ == size_) return true;
    if (!index.nexts_.reserve(pool, size_)) return false;
    if (index.heads_.size() / 2 < size_) {
        uint64_t wanted = index.heads_.size() == 0 ? 8 : index.heads_.size();
        while (wanted / 2 < size_) wanted *= 2;
        Growing<uint32_t> heads;
        uint32_t* made = wanted > UINT32_MAX / 2 ? nullptr : heads.extend(pool, static_cast<uint32_t>(wanted));
        if (made == nullptr) return false;
        std::fill_n(made, wanted, no_row);
        index.heads_.free(pool);
        index.heads_ = heads;
        index.upto_ = 0;
    }
    if (index.nexts_.size() < size_ && index.nexts_.extend(pool, size_ - index.nexts_.size()) == nullptr) return false;
    for (; index.upto_ < size_; index.upto_++) link(index, index.upto_);
    return true;
}

Result<Relation::Index*> Relation::index(Pool& pool, Columns columns) {
    auto all = static_cast<Columns>((1u << arity_) - 1);
    if (indexes_ == nullptr && columns != all) (void)SKERRY_TRY(index(pool, all));
    Index* last = nullptr;
    for (Index* index = indexes_; index != nullptr; index = index->following_) {
        if (index->columns_ == columns) {
            if (!extend(pool, *index)) return Error::no_memory;
            return index;
        }
        last = index;
    }
    auto* made = pool.array<Index>(1);
    if (made == nullptr) return Error::no_memory;
    new (made) Index{};
    made->columns_ = columns;
    (last == nullptr ? indexes_ : last->following_) = made;
    if (!extend(pool, *made)) return Error::no_memory;
    return made;
}

uint32_t Relation::from(const Index& index, uint32_t at, const Value* key, uint32_t below) const {
    while (at != no_row && (at >= below || !equal(row(at), key, index.columns_))) at = index.nexts_[at];
    return at;
}

uint32_t Relation::last(const Index& index, const Value* key, uint32_t below) const {
    if (index.heads_.size() == 0) return no_row;
    return from(index, index.heads_[hash(key, index.columns_) & (index.heads_.size() - 1)], key, below);
}

uint32_t Relation::next(const Index& index, const Value* key, uint32_t id) const {
    return from(index, index.nexts_[id], key, no_row);
}

uint32_t Relation::find(const Value* row) const {
    if (indexes_ == nullptr || size_ == 0) return no_row;
    return last(*indexes_, row, no_row);
}

Result<bool> Relation::insert(Pool& pool, const Value* row) {
    if (indexes_ == nullptr && !index(pool, static_cast<Columns>((1u << arity_) - 1)).ok()) return Error::no_memory;
    if (find(row) != no_row) return false;
    if (size_ == no_row - 1) return Error::no_memory;
    Value* place = rows_.extend(pool, arity_);
    if (place == nullptr && arity_ != 0) return Error::no_memory;
    std::copy_n(row, arity_, place);
    size_++;
    if (!extend(pool, *indexes_)) {
        rows_.shrink(--size_ * arity_);
        if (indexes_->upto_ > size_) indexes_->upto_ = size_;
        return Error::no_memory;
    }
    return true;
}

void Relation::remove(uint32_t id) {
    SKERRY_ASSERT(id < size_);
    uint32_t last = size_ - 1;
    for (Index* index = indexes_; index != nullptr; index = index->following_) {
        if (id < index->upto_) unlink(*index, id);
        if (last < index->upto_ && last != id) unlink(*index, last);
    }
    if (last != id) std::copy_n(row(last), arity_, rows_.data() + size_t{id} * arity_);
    size_ = last;
    rows_.shrink(size_ * arity_);
    for (Index* index = indexes_; index != nullptr; index = index->following_) {
        if (id != last && id < index->upto_) link(*index, id);
        index->upto_ = std::min(index->upto_, size_);
        index->nexts_.shrink(size_);
    }
}

void Relation::free(Pool& pool) {
    while (indexes_ != nullptr) {
        Index* following = indexes_->following_;
        indexes_->heads_.free(pool);
        indexes_->nexts_.free(pool);
        pool.release(indexes_, sizeof(Index));
        indexes_ = following;
    }
    rows_.free(pool);
    size_ = 0;
}

}  // namespace skerry::skb
