// Shootdown by the driver alone: a requester on another core names a page in a line that it shares with this core's
// dispatcher, and interrupts; this driver invalidates and writes the answer. No dispatcher is woken, nobody waits in a
// driver, and each interrupt's work is bounded by the number of lines. Two lines change hands: the request, the answer.
//
//   requester, core a                  driver a              driver b                       line (memory of core b)
//   line.ask(address)  ----------------------------------------------------------------->  request n, address
//   Flush.request      ------------->  interrupt       --->  reads its lines  <----------
//   polls the answer                                         space loaded? flush_page
//                      <--------------------------------------------------------------     answer n
#include "cpudriver/core.hpp"

namespace skerry::cpudriver {

using namespace capabilities;

// The line's frame is held by a slot of the dispatcher: so revoke finds it, and the driver never writes to memory that
// has become something else.
base::Status Core::add_flush(Dispatcher& dispatcher, const Arguments& arguments) {
    const uint64_t* a = arguments.word;
    Slot* destination = SKERRY_TRY(own_free(a[0]));
    Slot* frame = SKERRY_TRY(own(a[1], Type::frame, Rights::read | Rights::write));
    uint64_t offset = a[2];
    if (!clean(frame->cap)) return Error::unclean;
    if (offset % sizeof(FlushLine) != 0) return Error::misaligned;
    if (offset >= frame->cap.size) return Error::out_of_range;
    base::PhysAddr line{frame->cap.base + offset};
    if (foreign(frame->cap) || !machine_.owns(line, sizeof(FlushLine))) return Error::refused;
    if (dispatcher.flush_line != nullptr) return Error::busy;
    uint32_t index = next_flush_, tried = 0;
    while (flush_[index] != nullptr) {
        if (++tried == flushes_per_core) return Error::no_memory;
        index = (index + 1) % flushes_per_core;
    }
    // An earlier line's frame, if its last capability takes several steps to go (Capabilities::drop_copy).
    if (!dispatcher.flush_frame.empty()) capabilities_.drop_copy(dispatcher.flush_frame);
    if (!dispatcher.flush_frame.empty()) return Error::again;

    SKERRY_CHECK(capabilities_.copy_slot(dispatcher.flush_frame, *frame));
    Capability flush{.type = Type::flush,
                     .rights = info(Type::flush).rights,
                     .base = uint64_t{id_.value} << 32 | index,
                     .size = 1,
                     .extra = machine_.hardware_id().value};
    if (Status made = capabilities_.insert_root(*destination, flush); !made.ok()) {
        capabilities_.drop_copy(dispatcher.flush_frame);
        return made;
    }
    next_flush_ = (index + 1) % flushes_per_core;
    flush_[index] = &dispatcher;
    flushed_.push_back(dispatcher);
    dispatcher.flush_index = index;
    dispatcher.flush_line = reinterpret_cast<FlushLine*>(pointer(line));
    return {};
}

// All tables of a space are this core's, and an entry that names one goes before the table does. What is mapped in larger
// pieces than a page is left alone.
inline void Core::change_page(const Capability& space, base::VirtAddr page, PageChange change) {
    using platform::PageTable;
    SKERRY_ASSERT(space.type == Type::vnode && space.level == PageTable::levels);
    uint64_t table = space.base;
    for (uint32_t level = PageTable::levels;; level--) {
        uint64_t& entry = reinterpret_cast<uint64_t*>(pointer(base::PhysAddr{table}))[PageTable::index(page, level)];
        if (!PageTable::present(entry)) return;
        if (level == 1) {
            entry = change == PageChange::narrow ? PageTable::with_rights(entry, map_flags::read) : 0;
            return;
        }
        if (PageTable::maps_memory(entry, level)) return;
        table = PageTable::address(entry).value;
    }
}

// Spaces that are not loaded have nothing cached: they were flushed when they were left. While the core idles, the last
// one still is loaded.
void Core::serve_flush(Dispatcher& dispatcher) {
    SKERRY_ASSERT(dispatcher.flush_line != nullptr && dispatcher.flush_index < flushes_per_core);
    FlushLine& line = *dispatcher.flush_line;
    // Acquire: the address was written before. Each is read once; whatever they say harms nobody else.
    uint64_t request = line.request.load(std::memory_order_acquire);
    // Each is served once: who asks twice for one request must not undo what was mapped after its answer.
    if (request == line.answer.load(std::memory_order_relaxed)) return;
    note(TraceKind::poke, notifies_per_core + dispatcher.flush_index);
    uint64_t address = line.address.load(std::memory_order_relaxed);
    auto change = PageChange{line.operation.load(std::memory_order_relaxed)};
    const Capability& space = dispatcher.vspace.cap;
    if (!space.empty() && address < platform::user_end) {
        base::VirtAddr page{base::round_down(address, base::page_size)};
        if (change == PageChange::narrow || change == PageChange::clear) change_page(space, page, change);
        if (base::PhysAddr{space.base} == space_) machine_.flush_page(page);
    }
    line.answer.store(request, std::memory_order_release);  // release: after the page was invalidated
}

void Core::serve_flushes() {
    Dispatcher* flushed = flushed_.front();
    for (; flushed != nullptr; flushed = flushed_.next(*flushed)) serve_flush(*flushed);
}

// One function (flatten): each return costs an emulator a look-up, and four of them 1.5 of 46 kcycles with 8 cores.
[[gnu::hot, gnu::flatten]] bool Core::flush_interrupt() {
    if (current_ == nullptr) return false;
    const std::atomic<uint64_t>* words = machine_.poke_words(id_.value);
    uint64_t any = 0;
#pragma GCC unroll 8
    for (uint32_t i = 0; i < notifies_per_core / 64; i++) any |= words[i].load(std::memory_order_relaxed);
    if (any != 0) return false;
    statistics_.interrupts++;
    serve_flushes();
    return true;
}

void Core::forget_flush(Dispatcher& dispatcher) {
    if (dispatcher.flush_index != no_flush) {
        flush_[dispatcher.flush_index] = nullptr;
        flushed_.remove(dispatcher);
    }
    dispatcher.flush_index = no_flush;
    dispatcher.flush_line = nullptr;
}

}  // namespace skerry::cpudriver
