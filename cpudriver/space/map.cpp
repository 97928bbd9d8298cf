// Page tables: map, protect, unmap. User level decides what lies where; the driver checks that it may.
#include "cpudriver/core.hpp"

namespace skerry::cpudriver {

using namespace capabilities;
using platform::PageTable;

// arguments: entry index, source, dest of the Mapping, flags, byte offset into the source, entries
base::Status Core::map(Slot& vnode, const Arguments& arguments) {
    const uint64_t* a = arguments.word;
    const Capability& table_cap = vnode.cap;
    uint64_t index = a[0], flags = a[3], offset = a[4], entries = a[5];
    Slot* source = capabilities_.resolve(current_->cspace.cap, CapRef{a[1]});
    if (source == nullptr || source->empty()) return Error::no_capability;
    if (zombie(source->cap)) return Error::busy;
    Slot* destination = SKERRY_TRY(own_free(a[2]));
    const Capability& cap = source->cap;
    uint32_t level = table_cap.level;
    SKERRY_ASSERT(level >= 1 && level <= PageTable::levels);

    if (entries == 0 || entries > PageTable::entries || index >= PageTable::entries) return Error::out_of_range;
    uint64_t limit = level == PageTable::levels ? PageTable::user_root_entries : PageTable::entries;
    if (index + entries > limit) return Error::out_of_range;

    uint64_t bytes = PageTable::bytes_per_entry(level);
    bool is_table = cap.type == Type::vnode;
    if (is_table) {
        if (cap.level + 1u != level || entries != 1 || offset != 0) return Error::wrong_type;
        if (!includes(cap.rights, Rights::read)) return Error::no_right;
    } else {
        if (Error wrong = check_mapping(cap.type, cap.rights, flags); wrong != Error::none) return wrong;
        if (level > PageTable::largest_leaf_level) return Error::out_of_range;
        if (!clean(cap)) return Error::unclean;
        if (offset > cap.size || (cap.size - offset) / bytes < entries) return Error::out_of_range;
        if ((cap.base + offset) % bytes != 0) return Error::misaligned;
    }
    auto* table = reinterpret_cast<uint64_t*>(pointer(base::PhysAddr{table_cap.base}));
    for (uint64_t i = 0; i < entries; i++) {
        if (PageTable::present(table[index + i])) return Error::slot_occupied;
    }

    Capability mapping{.type = Type::mapping,
                       .rights = Rights::revoke | (is_table ? Rights::none : cap.rights & memory_rights),
                       .level = static_cast<uint8_t>(level),
                       .flags = static_cast<uint8_t>(cap.flags & flag_foreign),
                       .badge = table_cap.badge,
                       .base = cap.base + offset,
                       .size = is_table ? cap.size : entries * bytes,
                       .extra = table_cap.base + index * sizeof(uint64_t)};
    SKERRY_CHECK(capabilities_.insert_derived(*destination, mapping));
    if (!is_table && (flags & map_flags::execute)) machine_.publish_code(base::PhysAddr{mapping.base}, mapping.size);
    for (uint64_t i = 0; i < entries; i++) {
        base::PhysAddr target{cap.base + offset + i * bytes};
        table[index + i] = is_table ? PageTable::table(target) : PageTable::leaf(target, flags, level);
    }
    machine_.after_map();
    return {};
}

// The table that a Mapping lies in; null if that VNode is gone (its memory may be something else by now).
uint64_t* Core::table_of(const Capability& mapping) {
    uint64_t table = base::round_down(mapping.extra, vnode_object_size);
    const Slot* vnode = capabilities_.tree().find_object(Type::vnode, table);
    if (vnode == nullptr || vnode->cap.badge != mapping.badge || vnode->cap.level != mapping.level) return nullptr;
    return reinterpret_cast<uint64_t*>(pointer(base::PhysAddr{mapping.extra}));
}

// Whether the entry still is what a Mapping has made: a FlushLine may have taken it out (invoke/flush.cpp), and then it is
// perhaps another Mapping's, which the old one must not touch.
bool Core::holds(uint64_t entry, uint64_t address) {
    return PageTable::present(entry) && PageTable::address(entry).value == address;
}

// The current space may hold the old translations (others were flushed when they were left). A leaf change of a few
// pages could go page by page, but its user address is not known here: everything of the space goes.
void Core::flush_after_change() {
    machine_.flush_space();
}

base::Status Core::protect(Slot& mapping, uint64_t flags) {
    const Capability& cap = mapping.cap;
    uint64_t* entry = table_of(cap);
    if (entry == nullptr) return Error::closed;
    uint64_t bytes = PageTable::bytes_per_entry(cap.level);
    uint64_t entries = cap.size / bytes;
    if (entries == 0 || !includes(cap.rights, Rights::read)) return Error::wrong_type;  // maps a table, not memory
    for (uint64_t i = 0; i < entries; i++) {
        if (!holds(entry[i], cap.base + i * bytes)) return Error::closed;
    }
    if (Error wrong = check_mapping(Type::frame, cap.rights, flags); wrong != Error::none) return wrong;
    for (uint64_t i = 0; i < entries; i++) {
        uint64_t changed = PageTable::with_rights(entry[i], flags);
        if (platform::Machine::break_before_make) {
            entry[i] = 0;
            flush_after_change();
        }
        entry[i] = changed;
    }
    machine_.after_map();
    flush_after_change();
    return {};
}

base::Status Core::unmap(const Capability& mapping) {
    uint64_t* entry = table_of(mapping);
    if (entry == nullptr) return {};
    uint64_t bytes = PageTable::bytes_per_entry(mapping.level);
    uint64_t entries = includes(mapping.rights, Rights::read) ? mapping.size / bytes : 1;
    SKERRY_ASSERT(entries >= 1 && entries <= PageTable::entries);
    bool changed = false;
    for (uint64_t i = 0; i < entries; i++) {
        if (!holds(entry[i], mapping.base + i * bytes)) continue;
        entry[i] = 0;
        changed = true;
    }
    if (changed) flush_after_change();
    return {};
}

}  // namespace skerry::cpudriver
