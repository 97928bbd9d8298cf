#include "fake_kernel.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "platform/page_table.hpp"
#include "usr/runtime/exit.hpp"

namespace skerry::test {

using namespace capabilities;
using Format = platform::PageTable;

namespace {
FakeKernel* the_kernel = nullptr;
constexpr uint64_t own_root_base = 0x1000, own_cnode_base = 0x10000, own_vspace_base = 0x3000;
constexpr uint64_t page = 4096, zeroed_at_once = 65536;
bool overlap(const Capability& c, uint64_t base, uint64_t size) {
    return info(c.type).space == Space::memory && c.base < base + size && base < c.end();
}
}  // namespace

FakeKernel::FakeKernel() : own_root_(own_root_base), own_vspace_(own_vspace_base) {
    SKERRY_ASSERT(the_kernel == nullptr);
    the_kernel = this;
    file_ = memfd_create("skerry", 0);
    SKERRY_ASSERT(file_ >= 0 && ftruncate(file_, ram_bytes) == 0);
    memory_ = static_cast<std::byte*>(mmap(nullptr, ram_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0));
    cnodes_[own_root_base].resize(well_known::root_slots);
    cnodes_[own_cnode_base].resize(second_level_slots);
    cnodes_[own_root_base][0] = {
        .type = Type::cnode, .rights = Rights::all, .base = own_cnode_base, .size = second_level_size};
    own(well_known::root_cnode) = {.type = Type::cnode, .rights = Rights::all, .base = own_root_base, .size = 4096};
    own(well_known::vspace_root) = {
        .type = Type::vnode, .rights = Rights::all, .level = Format::levels, .base = own_vspace_base, .size = 4096};
    own(ram) = {.type = Type::ram, .rights = Rights::all, .base = ram_base, .size = ram_bytes};
}

FakeKernel::~FakeKernel() {
    for (auto [address, physical] : mapped_) munmap(reinterpret_cast<void*>(address), page);
    munmap(memory_, ram_bytes);
    close(file_);
    the_kernel = nullptr;
}

Capability* FakeKernel::slot(uint64_t root, CapRef ref) {
    auto at = cnodes_.find(root);
    if (at == cnodes_.end() || ref.root_index() >= at->second.size()) return nullptr;
    Capability& upper = at->second[ref.root_index()];
    if (ref.at_root()) return &upper;
    auto lower = cnodes_.find(upper.base);
    if (upper.type != Type::cnode || lower == cnodes_.end()) return nullptr;
    return &lower->second[ref.index()];
}

size_t FakeKernel::capabilities() const {
    size_t count = 0;
    for (const auto& [base, slots] : cnodes_) {
        count += std::count_if(slots.begin(), slots.end(), [](const Capability& c) { return !c.empty(); });
    }
    return count;
}

Error FakeKernel::invoke(runtime::Invocation& call) {
    Capability* target = slot(own_root_, CapRef{call.target});
    if (target == nullptr || target->empty()) return Error::no_capability;
    bool removal = target->type == Type::cnode && call.operation >= uint64_t(CNodeOperation::delete_);
    if (fail_in_ && !removal && (*fail_in_)-- == 0) {
        fail_in_.reset();
        return Error::no_memory;
    }
    switch (target->type) {
        case Type::cnode:
            return cnode(*target, call);
        case Type::vnode:
            return map(*target, call);
        case Type::dispatcher:
            return dispatcher(*target, call);
        case Type::frame:
            std::memset(memory(target->base + target->extra), 0,
                        std::min(zeroed_at_once, target->size - target->extra));
            target->extra = std::min(target->size, target->extra + zeroed_at_once);
            return target->extra < target->size ? Error::again : Error::none;
        case Type::mapping: {
            uint64_t table = base::round_down(target->extra, page);
            for (auto& [index, entry] : tables_[table]) {
                uint64_t at = table + index * 8;
                if (at >= target->extra && at < target->extra + target->size / page * 8) entry.flags = call.argument[0];
            }
            synchronise();
            return Error::none;
        }
        case Type::flush:
            return signal(*target, call.argument);
        case Type::notify:
            return signal(*target, std::span(call.argument).subspan(1));
        default:
            return Error::unsupported;
    }
}

Error FakeKernel::signal(const Capability& target, std::span<const uint64_t> more) {
    std::vector<uint64_t> told{target.base};
    for (uint64_t word : more) {
        if (word == 0) break;
        for (uint64_t ref : {word & 0xffff'ffff, word >> 32}) {
            if (ref == 0) continue;
            Capability* further = slot(own_root_, CapRef{ref});
            if (further == nullptr || further->type != target.type) return Error::no_capability;
            told.push_back(further->base);
        }
    }
    signals.push_back(told);
    return Error::none;
}

Error FakeKernel::cnode(const Capability& target, runtime::Invocation& call) {
    uint64_t root = target.base;
    Capability* to = slot(root, CapRef{call.argument[0]});
    if (to == nullptr) return Error::no_capability;
    auto which = static_cast<CNodeOperation>(call.operation);
    if (which == CNodeOperation::delete_ || which == CNodeOperation::revoke || which == CNodeOperation::identify) {
        if (to->empty()) return Error::none;
        if (which == CNodeOperation::revoke) return revoke(*to);
        if (which == CNodeOperation::identify) std::memcpy(call.value, to, 32);
        if (which == CNodeOperation::delete_) drop(*to);
        return Error::none;
    }
    if (which == CNodeOperation::retype) return retype(root, call);
    if (which == CNodeOperation::fetch) {
        Capability* own = slot(own_root_, CapRef{call.argument[1]});
        if (own == nullptr || to->empty()) return Error::no_capability;
        if (!own->empty()) return Error::slot_occupied;
        *own = *to;
        return Error::none;
    }
    Capability* from = slot(own_root_, CapRef{call.argument[1]});
    if (from == nullptr || from->empty()) return Error::no_capability;
    if (!to->empty()) return Error::slot_occupied;
    *to = *from;
    if (which == CNodeOperation::move) *from = {};
    if (which == CNodeOperation::mint) {
        to->rights = to->rights & Rights(static_cast<uint8_t>(call.argument[2]));
        to->badge = static_cast<uint32_t>(call.argument[3]);
    }
    return Error::none;
}

Error FakeKernel::retype(uint64_t root, runtime::Invocation& call) {
    const Capability* from = slot(own_root_, CapRef{call.argument[1]});
    auto type = static_cast<Type>(call.argument[2] & 255);
    uint64_t offset = call.argument[3], size = call.argument[4], count = call.argument[5];
    if (from == nullptr || from->type != Type::ram) return Error::wrong_type;
    const TypeInfo& about = info(type);
    if (size < about.minimum_size || (about.maximum_size != 0 && size > about.maximum_size)) return Error::out_of_range;
    if (offset + size * count > from->size) return Error::out_of_range;
    Capability source = *from;
    uint64_t start = source.base + offset;
    if (about.power_of_two && ((size & (size - 1)) != 0 || start % size != 0)) return Error::misaligned;
    for (auto& [base, slots] : cnodes_) {
        for (const Capability& c : slots) {
            bool ancestor = c.type == Type::ram && c.base <= source.base && c.end() >= source.end();
            if (!ancestor && overlap(c, start, size * count)) return Error::overlaps;
        }
    }
    CapRef first{call.argument[0]};
    for (uint64_t i = 0; i < count; ++i) {
        if (i == retype_batch) {
            call.value[0] = i;
            return Error::again;
        }
        CapRef at =
            first.at_root() ? CapRef::root_slot(first.root_index() + static_cast<uint32_t>(i)) : CapRef{first.word + i};
        Capability* to = slot(root, at);
        if (to == nullptr || !to->empty()) return to == nullptr ? Error::no_capability : Error::slot_occupied;
        *to = {.type = type,
               .rights = about.rights,
               .level = static_cast<uint8_t>(call.argument[2] >> 8),
               .base = start + i * size,
               .size = size};
        if (type == Type::frame) {
            to->extra = std::min(size, zeroed_at_once);
            std::memset(memory(to->base), 0, to->extra);
        }
        if (type == Type::cnode) cnodes_[to->base].assign(size / slot_size, {});
        if (type == Type::dispatcher) dispatchers[to->base] = {};
    }
    call.value[0] = count;
    return Error::none;
}

void FakeKernel::drop(Capability& cap) {
    Capability gone = std::exchange(cap, {});
    if (gone.type == Type::mapping) return unmap(gone);
    for (const auto& [base, slots] : cnodes_) {
        for (const Capability& c : slots) {
            if (c.type == gone.type && c.base == gone.base && c.size == gone.size) return;  // a copy is left
        }
    }
    if (gone.type == Type::cnode) {
        std::vector<Capability> slots = std::exchange(cnodes_[gone.base], {});
        cnodes_.erase(gone.base);
        for (Capability& c : slots) drop(c);
    }
    if (gone.type == Type::dispatcher) dispatchers.erase(gone.base);
    if (gone.type == Type::vnode) tables_.erase(gone.base), synchronise();
}

Error FakeKernel::revoke(Capability& cap) {
    for (bool again = true; again;) {
        again = false;
        for (auto& [base, slots] : cnodes_) {
            for (Capability& c : slots) {
                if (&c == &cap || c.empty() || info(c.type).space != Space::memory) continue;
                if (c.base < cap.base || c.end() > cap.end()) continue;
                drop(c);
                again = true;  // the maps may have changed under us
                break;
            }
            if (again) break;
        }
    }
    return Error::none;
}

Error FakeKernel::map(const Capability& vnode, runtime::Invocation& call) {
    uint64_t index = call.argument[0], flags = call.argument[3], offset = call.argument[4], entries = call.argument[5];
    const Capability* from = slot(own_root_, CapRef{call.argument[1]});
    Capability* to = slot(own_root_, CapRef{call.argument[2]});
    if (from == nullptr || from->empty() || to == nullptr) return Error::no_capability;
    if (!to->empty()) return Error::slot_occupied;
    if (index + entries > Format::entries || entries == 0) return Error::out_of_range;
    bool is_table = from->type == Type::vnode;
    if (is_table ? from->level + 1 != vnode.level : vnode.level != 1 || from->type != Type::frame)
        return Error::wrong_type;
    if (!is_table && from->extra < from->size) return Error::unclean;
    if (!is_table && offset + entries * page > from->size) return Error::out_of_range;
    auto& table = tables_[vnode.base];
    for (uint64_t i = 0; i < entries; ++i) {
        if (table.contains(static_cast<uint32_t>(index + i))) return Error::slot_occupied;
    }
    for (uint64_t i = 0; i < entries; ++i) {
        table[static_cast<uint32_t>(index + i)] = {from->base + offset + i * page, flags, is_table};
    }
    *to = {.type = Type::mapping,
           .rights = from->rights,
           .level = vnode.level,
           .base = from->base + offset,
           .size = entries * page,
           .extra = vnode.base + index * 8};
    synchronise();
    return Error::none;
}

void FakeKernel::unmap(const Capability& mapping) {
    uint64_t table = base::round_down(mapping.extra, page);
    auto at = tables_.find(table);
    if (at == tables_.end()) return;
    for (uint64_t i = 0; i < mapping.size / page; ++i) {
        at->second.erase(static_cast<uint32_t>((mapping.extra - table) / 8 + i));
    }
    synchronise();
}

Error FakeKernel::dispatcher(const Capability& target, runtime::Invocation& call) {
    Dispatcher& d = dispatchers[target.base];
    auto base_of = [&](uint64_t ref) { return own(CapRef{ref}).base; };
    const uint64_t* a = call.argument;
    switch (static_cast<DispatcherOperation>(call.operation)) {
        case DispatcherOperation::configure:
            d.cspace = base_of(a[0]), d.vspace = base_of(a[1]), d.frame = base_of(a[2]), d.page = a[3];
            return Error::none;
        case DispatcherOperation::start:
            d.started = true;
            return Error::none;
        case DispatcherOperation::stop:
            d.started = false;
            return Error::none;
        case DispatcherOperation::reserve:
            d.weight = a[1];
            return Error::none;
        case DispatcherOperation::bind:
            d.bound = own(CapRef{a[0]}).type == Type::endpoint;
            return Error::none;
        case DispatcherOperation::set_domain:
            d.domain = a[0];
            return Error::none;
        case DispatcherOperation::make_notify:
            own(CapRef{a[0]}) = {.type = Type::notify, .rights = Rights::all, .base = 7, .size = 1};
            return Error::none;
        case DispatcherOperation::read_state:
            return Error::none;
        case DispatcherOperation::make_flush:
            break;
    }
    return Error::unsupported;
}

std::optional<FakeKernel::Page> FakeKernel::lookup(uint64_t root, uint64_t address) const {
    for (uint32_t level = Format::levels;; --level) {
        auto table = tables_.find(root);
        if (table == tables_.end()) return {};
        auto entry = table->second.find(Format::index(base::VirtAddr{address}, level));
        if (entry == table->second.end()) return {};
        if (!entry->second.table) return Page{entry->second.physical, entry->second.flags};
        root = entry->second.physical;
    }
}

// Makes the host's mappings those of the own address space.
void FakeKernel::synchronise() {
    std::map<uint64_t, uint64_t> wanted;
    auto walk = [&](auto& self, uint64_t table, uint32_t level, uint64_t base) -> void {
        auto at = tables_.find(table);
        if (at == tables_.end()) return;
        for (const auto& [index, entry] : at->second) {
            uint64_t address = base + index * Format::bytes_per_entry(level);
            if (entry.table) {
                self(self, entry.physical, level - 1, address);
            } else {
                wanted[address] = entry.physical;
            }
        }
    };
    walk(walk, own_vspace_, Format::levels, 0);
    for (auto [address, physical] : mapped_) {
        if (auto w = wanted.find(address); w == wanted.end() || w->second != physical) {
            munmap(reinterpret_cast<void*>(address), page);
        }
    }
    for (auto [address, physical] : wanted) {
        if (auto m = mapped_.find(address); m != mapped_.end() && m->second == physical) continue;
        void* at = mmap(reinterpret_cast<void*>(address), page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file_,
                        static_cast<off_t>(physical - ram_base));
        SKERRY_ASSERT(at == reinterpret_cast<void*>(address));
    }
    mapped_ = std::move(wanted);
}

}  // namespace skerry::test

const char* skerry::platform::exception_name(uint32_t vector) {
    return vector == 13 ? "general protection fault" : "unknown exception";
}

extern "C" {
uint64_t skerry_invoke(skerry::runtime::Invocation* call) {
    SKERRY_ASSERT(skerry::test::the_kernel != nullptr);
    return static_cast<uint64_t>(skerry::test::the_kernel->invoke(*call));
}
uint64_t skerry_send(uint64_t, uint64_t, const uint64_t*) {
    return static_cast<uint64_t>(skerry::base::Error::closed);
}
uint64_t skerry_yield() {
    return 0;
}
uint64_t skerry_nop() {
    return 0;
}
}
