// An address space for a program of a few instructions, built as the driver builds one, entry by entry.
#pragma once

#include <cstring>

#include "capabilities/interface/system_call.hpp"
#include "glue.hpp"

namespace skerry::contract_test {

// Zeroed pages of one unit of memory, one after the other; a new object starts over.
class Pages {
  public:
    explicit Pages(Glue& glue) : glue_(glue) {}
    base::PhysAddr take() {
        base::PhysAddr page = glue_.memory(3) + used_;
        used_ += base::page_size;
        std::memset(glue_.machine.pointer(page), 0, base::page_size);
        return page;
    }

  private:
    Glue& glue_;
    uint64_t used_ = 0;
};

// Entry 1 of the root and of every table below it, but the last.
constexpr base::VirtAddr first_address() {
    uint64_t address = 0;
    for (uint32_t level = 2; level <= platform::PageTable::levels; level++) {
        address += platform::PageTable::bytes_per_entry(level);
    }
    return base::VirtAddr{address};
}

class Space {
  public:
    using Table = volatile uint64_t*;
    static constexpr uint64_t read = capabilities::map_flags::read, write = capabilities::map_flags::write,
                              execute = capabilities::map_flags::execute;
    static constexpr base::VirtAddr code = first_address(), data = first_address() + base::page_size * 4;

    // Has user_code() at `code` already.
    Space(Glue& glue, Pages& pages) : glue_(glue), pages_(pages), root_(pages.take()) {
        glue_.machine.prepare_root(root_);
        map(code, code_page(), read | execute);
    }
    base::PhysAddr root() const { return root_; }

    // The entry of `level` that translates `address`; makes the tables above it.
    Table entry(base::VirtAddr address, uint32_t level) {
        Table table = pointer(root_);
        for (uint32_t at = platform::PageTable::levels;; at--) {
            uint64_t bytes = platform::PageTable::bytes_per_entry(at);
            Table found = table + address.value / bytes % platform::PageTable::entries;
            if (at == level) return found;
            if (!platform::PageTable::present(*found)) *found = platform::PageTable::table(pages_.take());
            table = pointer(platform::PageTable::address(*found));
        }
    }
    void map(base::VirtAddr address, base::PhysAddr memory, uint64_t flags, uint32_t level = 1) {
        *entry(address, level) = platform::PageTable::leaf(memory, flags, level);
    }
    // A page with a copy of user_code().
    base::PhysAddr code_page() {
        base::PhysAddr page = pages_.take();
        std::memcpy(glue_.machine.pointer(page), glue_.user_code().data(), glue_.user_code().size());
        return page;
    }

    // What a program in the current space sees.
    bool can(Access access, base::VirtAddr target, uint64_t value = 0) {
        registers_ = {};
        glue_.set_access(registers_, access, code, target, value);
        return glue_.run(registers_) == Stop::call;
    }
    bool loads(base::VirtAddr target, uint64_t wanted) {
        return can(Access::load, target) && glue_.loaded(registers_) == wanted;
    }
    uint64_t& word(base::PhysAddr memory) { return *reinterpret_cast<uint64_t*>(glue_.machine.pointer(memory)); }

  private:
    Table pointer(base::PhysAddr table) { return reinterpret_cast<Table>(glue_.machine.pointer(table)); }

    Glue& glue_;
    Pages& pages_;
    base::PhysAddr root_;
    platform::Registers registers_{};
};

}  // namespace skerry::contract_test
