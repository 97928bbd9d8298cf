// Law 10, as far as one core's processor can break it: what it may keep of its walks through page tables, leaves and tables
// on the way alike, is what the tables say, whenever a driver lets a program run; each entry of a table was made by a Mapping
// that is there; each Mapping lies in something that its core holds. Tables are written by their own core's driver alone, so
// that is enough for all cores: a core whose Mapping of a page is gone has no translation of it.
#pragma once

#include <array>
#include <unordered_map>
#include <vector>

#include "platforms/simulated/checker.hpp"
#include "platforms/simulated/simulator.hpp"

namespace skerry::simulated {

class TranslationRules final : public Checker, public hosted::Translations {
  public:
    explicit TranslationRules(Simulator& simulator);
    void boundary(Actor actor) override;
    void quiet() override;
    void used(uint64_t hardware, const hosted::Translation& translation) override;
    void flushed(uint64_t hardware, uint64_t address) override;
    void flushed(uint64_t hardware) override;

  private:
    static constexpr uint32_t interval = 32;
    struct Kept {
        std::unordered_map<uint64_t, hosted::Translation> pages;  // by page
        uint32_t left = 0;  // entries of the driver until the next look at its tables
    };
    void check_tables(uint32_t hardware);
    // A page table of a core, and which of its entries a Mapping of that core says.
    struct Made {
        uint64_t base;  // physical address
        const uint64_t* table;
        uint32_t tables_badge;  // the number that its Mappings carry
        std::array<uint64_t, platform::PageTable::entries / 64> entries;
    };
    const char* problem(const cpudriver::DerivationTree& tree);
    const char* collect(const cpudriver::DerivationTree& tree);
    bool stale(const hosted::Translation& translation) const;
    const uint64_t* table(uint64_t physical) const {
        return reinterpret_cast<const uint64_t*>(simulator_.world().memory() + physical);
    }

    Simulator& simulator_;
    std::vector<Kept> cores_;
    std::vector<Made> made_;  // of the core that is looked at
};

}  // namespace skerry::simulated
