// What a machine's file says about time, charged to a whole system that runs on the fixed schedule: each access of its
// drivers, monitors and programs goes to the directory of line states (model/directory.hpp), which says when it is done.
// Beside that, traps, interrupts and translations cost what the file says. Times are whole cycles of a core; the machine's
// clock counts one of them as a nanosecond.
//
//   access --> instructions that it stands for, page walk --> Directory --> a load waits; a store retires in the background
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "platforms/hosted/world.hpp"
#include "platforms/simulated/access.hpp"
#include "platforms/simulated/model/directory.hpp"
#include "platforms/simulated/model/prefetcher.hpp"
#include "platforms/simulated/model/tlb.hpp"

namespace skerry::simulated {

class Timing final : private model::CopyWatcher {
  public:
    // `software`: of a message through a ring, which the prices of transfers are worked out without; `per_access`:
    // instructions that an access of portable code stands for. `skerry_model FILE costs` tells both. Throws BadMachine.
    Timing(const std::string& file, const model::RingSoftware& software, double per_access, hosted::World& world);
    ~Timing();

    // Whether the access needs nothing that another core could have or wait for.
    bool stays_home(uint32_t hardware, const Access& access) const;
    // The access begins at `now`. -> when the core goes on.
    uint64_t access(uint32_t hardware, const Access& access, bool of_program, uint64_t now);
    void hint(uint32_t hardware, uint64_t offset, bool to_store, uint64_t now);
    uint64_t system_call() const { return system_call_; }
    uint64_t interrupt_send() const { return whole(prices_.interrupt_send); }
    uint64_t interrupt_trap() const { return whole(prices_.interrupt_trap); }
    uint64_t invalidate_page() const { return whole(prices_.invalidate_page); }
    uint64_t flight(uint32_t from, uint32_t to) const;  // of an interrupt
    void forget_translations(uint32_t hardware);

    const model::Directory::Traffic& traffic() const { return directory_->traffic(); }
    uint64_t walks() const { return walks_; }
    uint64_t host_bytes() const { return directory_->bytes(); }

  private:
    // Lines that a core has asked for ahead of its loads and stores, and has not used yet, with the time at which each arrives.
    // Many are never used; few are still on their way. `now`: when the core's access began, which never goes back.
    class Fills {
      public:
        void add(model::LineIndex line, model::Time arrives, model::Time now);
        // When it arrives, if it was asked for; no more from now on.
        std::optional<model::Time> take(model::LineIndex line);
        size_t coming(model::Time now);  // that arrive after that

      private:
        static constexpr size_t places = 4096;
        uint32_t& place_of(model::LineIndex line) { return some_[line % places]; }
        std::array<uint32_t, places>
            some_{};  // how many of all_ there are: nearly every line asked about is none of them
        std::unordered_map<model::LineIndex, model::Time> all_;
        std::vector<model::LineIndex> coming_;
    };
    struct Core {
        explicit Core(const model::Prefetcher::Habits& habits, uint32_t entries, uint32_t upper)
            : prefetcher(habits), tlb(entries, upper) {}
        model::Time part = 0;            // of a cycle, that is not passed yet
        std::deque<model::Time> taking;  // when its stores retire, oldest first
        Fills fills;
        model::Prefetcher prefetcher;
        model::Tlb tlb;
    };

    static uint64_t whole(model::Time time) { return (time + model::one_cycle / 2) / model::one_cycle; }
    void copy_ended(model::CoreIndex core, model::LineIndex line, model::Time when) override;
    Core& core_of(uint32_t hardware) { return *cores_[index_[hardware]]; }
    model::Time load(model::CoreIndex index, model::LineIndex line, model::Time now, model::Time began);
    model::Time store(model::CoreIndex index, model::LineIndex line, model::Time now);

    model::Machine machine_;
    model::Prices prices_;
    std::unique_ptr<model::Directory> directory_;
    std::vector<uint32_t> index_;  // by hardware id: the core's number in the file
    std::vector<std::unique_ptr<Core>> cores_;
    model::Time cost_of_access_, walk_step_;
    uint64_t system_call_, walks_ = 0;
};

}  // namespace skerry::simulated
