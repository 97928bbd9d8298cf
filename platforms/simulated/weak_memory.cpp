#include "platforms/simulated/weak_memory.hpp"

#include <algorithm>

#include "platforms/simulated/pool.hpp"

namespace skerry::simulated {

WeakMemory::WeakMemory(uint64_t bytes, uint32_t cores)
    : watched_(static_cast<uint8_t*>(pool::zeroed(bytes / page_bytes + 1))),
      by_place_(static_cast<Page**>(pool::zeroed((bytes / page_bytes + 1) * sizeof(Page*)))),
      clocks_(cores, Clock(cores, 0)),
      ordered_(cores, 0),
      cores_(cores) {
    for (uint32_t i = 0; i < cores; ++i) clocks_[i][i] = 1;
}

bool WeakMemory::acquires(std::memory_order order) {
    return order != std::memory_order_relaxed && order != std::memory_order_release;
}
bool WeakMemory::releases(std::memory_order order) {
    return order == std::memory_order_release || order == std::memory_order_acq_rel ||
           order == std::memory_order_seq_cst;
}

// With what stands in memory as its newest store: a plain store, or one from before, is known to all.
WeakMemory::Word& WeakMemory::word_of(const Access& access) {
    Page*& page = by_place_[access.offset / page_bytes];
    if (page == nullptr) {
        page = pages_.emplace_back(std::make_unique<Page>()).get();
        watched_[access.offset / page_bytes] = 1;
    }
    std::unique_ptr<Word>& word = page->words[access.offset % page_bytes / 8];
    uint64_t now = AccessSink::load_now(access);
    if (word != nullptr && word->stores[(word->count - 1) % kept].value == now) return *word;
    word = std::make_unique<Word>();
    word->seen.assign(cores_, 0);
    word->stores[0].value = now;
    word->count = 1;
    return *word;
}

void WeakMemory::forget(uint64_t offset, uint64_t bytes) {
    uint64_t end = offset + bytes;
    for (uint64_t at = offset / 8 * 8; at < end;) {
        Page* page = by_place_[at / page_bytes];
        uint64_t page_end = std::min(end, (at / page_bytes + 1) * page_bytes);
        for (; page != nullptr && at < page_end; at += 8) page->words[at % page_bytes / 8].reset();
        at = std::max(at, page_end);
    }
}

WeakMemory::Clock WeakMemory::clock(uint32_t core) {
    Clock copy = clocks_[core];
    ++clocks_[core][core];  // what comes later is not in it
    return copy;
}

void WeakMemory::join(uint32_t core, const Clock& other) {
    for (uint32_t i = 0; i < other.size(); ++i) clocks_[core][i] = std::max(clocks_[core][i], other[i]);
}

uint64_t WeakMemory::load(uint32_t core, const Access& access, Decisions& decisions, uint64_t step) {
    if (access.bytes != 8 || access.offset % 8 != 0) return AccessSink::load_now(access);
    Word& word = word_of(access);
    uint64_t newest = word.count - 1, oldest = word.count > kept ? word.count - kept : 0;
    oldest = std::max(oldest, word.seen[core]);
    uint64_t least = newest;  // the oldest that it may see
    for (; least > oldest; --least) {
        const Stored& stored = word.stores[least % kept];
        if (clocks_[core][stored.writer] >= stored.epoch || stored.step + old_after < step) break;
        if (access.order == std::memory_order_seq_cst && ordered_[stored.writer] >= stored.epoch) break;
    }
    uint64_t chosen = newest - decisions.stale(step, newest - least);
    word.seen[core] = chosen;
    const Stored& stored = word.stores[chosen % kept];
    if (acquires(access.order)) join(core, stored.release);
    return stored.value;
}

void WeakMemory::push(Word& word, uint32_t core, const Access& access, uint64_t value, uint64_t step, bool updates) {
    Clock release;
    if (updates) release = word.stores[(word.count - 1) % kept].release;  // a release sequence goes on
    if (releases(access.order)) {
        release.resize(cores_, 0);
        for (uint32_t i = 0; i < cores_; ++i) release[i] = std::max(release[i], clocks_[core][i]);
    }
    Stored& stored = word.stores[word.count % kept];
    stored = {value, step, core, clocks_[core][core], std::move(release)};
    word.seen[core] = word.count++;
    if (access.order == std::memory_order_seq_cst) {
        for (uint32_t i = 0; i < cores_; ++i) ordered_[i] = std::max(ordered_[i], clocks_[core][i]);
    }
    if (releases(access.order)) ++clocks_[core][core];
}

void WeakMemory::store(uint32_t core, const Access& access, uint64_t value, uint64_t step) {
    if (access.bytes == 8 && access.offset % 8 == 0) push(word_of(access), core, access, value, step, false);
    AccessSink::store_now(access, value);
}

uint64_t WeakMemory::update(uint32_t core, const Access& access, UpdateKind kind, uint64_t operand, uint64_t step) {
    if (access.bytes != 8 || access.offset % 8 != 0) return AccessSink::update_now(access, kind, operand);
    Word& word = word_of(access);
    if (acquires(access.order)) join(core, word.stores[(word.count - 1) % kept].release);
    uint64_t old = AccessSink::update_now(access, kind, operand);
    push(word, core, access, AccessSink::load_now(access), step, true);
    return old;
}

bool WeakMemory::compare_exchange(uint32_t core, const Access& access, uint64_t& expected, uint64_t desired,
                                  std::memory_order failure, uint64_t step) {
    if (access.bytes != 8 || access.offset % 8 != 0) return AccessSink::compare_exchange_now(access, expected, desired);
    Word& word = word_of(access);
    bool done = AccessSink::compare_exchange_now(access, expected, desired);
    if (acquires(done ? access.order : failure)) join(core, word.stores[(word.count - 1) % kept].release);
    if (done) push(word, core, access, desired, step, true);
    return done;
}

}  // namespace skerry::simulated
