// What must hold of a CPU driver whatever its programs do, looked at from outside: derivation tree, page tables,
// dispatchers, and memory of others. Each throws at the first thing that is wrong.
#pragma once

#include "test/unit/capability/arena.hpp"
#include "test/unit/driver/driver.hpp"

namespace skerry::test {

struct DriverCheck {
    Driver& driver;

    const cpudriver::DerivationTree& tree() { return driver.core.capabilities().tree(); }
    template <typename Visit>
    void each(Type type, Visit visit) {
        for (Slot* slot : all_slots(tree())) {
            if (slot->cap.type == type) visit(*slot);
        }
    }

    void all() {
        check_tree(tree());
        dispatchers();
        page_tables();
        for (uint64_t address : driver.machine.foreign_accesses) {
            throw std::logic_error("memory of another core was touched at " + std::to_string(address));
        }
    }

    // Who may run has all that it runs on; one at most runs.
    void dispatchers() {
        each(Type::dispatcher, [&](Slot& slot) {
            auto& dispatcher = *cpudriver::Dispatcher::at(driver.memory(slot.cap.base));
            bool runs = dispatcher.state == DispatcherState::running;
            expect(runs == (&dispatcher == driver.core.current()), "the running dispatcher");
            bool may_run = dispatcher.runnable() || dispatcher.state == DispatcherState::blocked;
            if (!may_run) return;
            for (Slot* held : {&dispatcher.cspace, &dispatcher.vspace, &dispatcher.frame}) {
                expect(!held->empty() && !zombie(held->cap), "a dispatcher runs without one of its capabilities");
            }
            expect(dispatcher.page == driver.memory(dispatcher.frame.cap.base), "its page is another");
            if (runs) return;  // perhaps on the slice of who sent to it
            bool waits = dispatcher.schedule.state == cpudriver::RunState::blocked;
            expect(waits == (dispatcher.state == DispatcherState::blocked), "blocked, but not for the scheduler");
        });
    }

    // Every present entry of every table has its Mapping, and that one's object is still there.
    void page_tables() {
        std::map<uint64_t, uint64_t> mapped;  // physical address of an entry -> what it must point to
        each(Type::mapping, [&](Slot& slot) {
            const Capability& cap = slot.cap;
            const Slot* table = tree().find_object(Type::vnode, base::round_down(cap.extra, vnode_object_size));
            if (table == nullptr || table->cap.badge != cap.badge) return;
            bool leaf = includes(cap.rights, Rights::read);
            uint64_t bytes = platform::PageTable::bytes_per_entry(cap.level);
            for (uint64_t i = 0; i < (leaf ? cap.size / bytes : 1); i++)
                mapped[cap.extra + i * 8] = cap.base + i * bytes;
            const Slot* object = tree().nearest_ancestor(cap);
            expect(object != nullptr && object->cap.type == (leaf ? Type::frame : Type::vnode), "mapped, but gone");
        });
        each(Type::vnode, [&](Slot& slot) {
            if (slot.cap.badge == ~uint32_t{0}) return;  // the first program's tables have no capabilities
            uint64_t entries[platform::PageTable::entries];
            std::memcpy(entries, driver.memory(slot.cap.base), sizeof entries);
            for (uint64_t i = 0; i < platform::PageTable::entries; i++) {
                auto found = mapped.find(slot.cap.base + i * 8);
                bool present = platform::PageTable::present(entries[i]);
                expect(present == (found != mapped.end()), "an entry without a Mapping, or the other way round");
                if (!present) continue;
                expect(platform::PageTable::address(entries[i]).value == found->second, "an entry points elsewhere");
            }
        });
    }

    std::array<uint64_t, type_count> counts() {
        std::array<uint64_t, type_count> all{};
        for (size_t type = 0; type < type_count; type++) all[type] = tree().count(static_cast<Type>(type));
        return all;
    }
};

}  // namespace skerry::test
