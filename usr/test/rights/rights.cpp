// Walks the table of types: what a program holds is useless without the right that a use needs, and of what
// is the system's it holds nothing.
#include "usr/test/rights/checks.hpp"
#include "usr/test/rights/samples.hpp"

namespace skerry::usr::test {
namespace {

using base::Buffer;
using runtime::CNodeCap;
using runtime::Owned;
namespace well_known = capabilities::well_known;

constexpr struct {
    Rights right;
    const char* name;
} all_rights[] = {{Rights::read, "read"},     {Rights::write, "write"},       {Rights::execute, "execute"},
                  {Rights::send, "send"},     {Rights::transfer, "transfer"}, {Rights::retype, "retype"},
                  {Rights::revoke, "revoke"}, {Rights::control, "control"}};

// A copy with these rights is used; afterwards it is gone.
Error use_with(runtime::Program& self, Samples& samples, Type type, Rights right, Rights held) {
    auto slot = Owned::empty(self.slots);
    if (!slot.ok()) return slot.error();
    Status minted = CNodeCap{}.mint(slot->ref(), samples.sample(type), held);
    return minted.ok() ? samples.use(type, right, slot->ref()) : minted.error();
}

void check_type(Report& report, runtime::Program& self, Samples& samples, const capabilities::TypeInfo& type) {
    auto held = CNodeCap{}.identify(samples.sample(type.type));
    if (!held.ok()) return report.equal(type.name, held.error(), Error::none);
    for (auto [right, right_name] : all_rights) {
        if (!includes(type.rights, right)) continue;
        Buffer<80> name;
        name << type.name << " without " << right_name;
        report.equal(name.view(), use_with(self, samples, type.type, right, Rights::all & ~right),
                     Samples::refusal(type.type, right));
        // Revoking through a full copy would take the sample away; RAM comes without the right to.
        if (right == Rights::revoke || !includes(held->rights, right)) continue;
        name.clear();
        name << type.name << " with " << right_name;
        report.equal(name.view(), use_with(self, samples, type.type, right, Rights::all), Error::none);
    }
    // Rights that were given up do not come back.
    auto less = Owned::empty(self.slots), more = Owned::empty(self.slots);
    if (!less.ok() || !more.ok()) return report.check("slots", false);
    (void)CNodeCap{}.mint(less->ref(), samples.sample(type.type), Rights::transfer).ok();
    (void)CNodeCap{}.mint(more->ref(), less->ref(), Rights::all).ok();
    auto regained = CNodeCap{}.identify(more->ref());
    Buffer<80> name;
    name << type.name << " rights stay narrow";
    report.check(name.view(), regained.ok() && includes(Rights::transfer, regained->rights));
}

// A root CNode is also the way to the second level: without a right, neither its slots nor theirs can be
// reached so.
void check_cnodes(Report& report, runtime::Program& self) {
    constexpr uint32_t place = 60;  // a root slot that nothing else uses
    CapRef read_only = CapRef::root_slot(place);
    auto cnode = self.ram().make(Type::cnode, 0, capabilities::cnode_minimum_size);
    if (!cnode.ok()) return report.check("CNode setting", false);
    CNodeCap inner{cnode->cap};
    Status made = inner.copy(CapRef::root_slot(1), well_known::self_notify);
    if (made.ok()) made = CNodeCap{}.mint(read_only, cnode->cap, Rights::read);
    report.equal("CNode setting", made.error(), Error::none);
    CapRef inside{place, 1}, free{place, 2};
    auto slot = Owned::empty(self.slots);
    if (!slot.ok()) return report.check("slots", false);
    report.equal("CNode read-only: use", runtime::NotifyCap{inside}.poke().error(), Error::none);
    report.equal("CNode read-only: copy into", CNodeCap{}.copy(free, well_known::self_notify).error(),
                 Error::no_capability);
    report.equal("CNode read-only: delete from", CNodeCap{}.remove(inside).error(), Error::no_capability);
    report.equal("CNode read-only: revoke in", CNodeCap{}.revoke(inside).error(), Error::no_capability);
    report.equal("CNode read-only: move from", CNodeCap{}.move(slot->ref(), inside).error(), Error::no_capability);
    (void)CNodeCap{}.remove(read_only).ok();
    self.ram().destroy(*cnode);
}

void check_rest(Report& report, runtime::Program& self, Samples& samples) {
    auto badged = Owned::empty(self.slots), again = Owned::empty(self.slots);
    if (!badged.ok() || !again.ok()) return report.check("slots", false);
    constexpr uint32_t badge = 7, other_badge = 8;
    CapRef endpoint = samples.sample(Type::endpoint);
    report.equal("badge given", CNodeCap{}.mint(badged->ref(), endpoint, Rights::all, badge).error(), Error::none);
    report.equal("badge changed", CNodeCap{}.mint(again->ref(), badged->ref(), Rights::all, other_badge).error(),
                 Error::refused);
    report.equal("badge on a frame",
                 CNodeCap{}.mint(again->ref(), samples.sample(Type::frame), Rights::all, badge).error(),
                 Error::wrong_type);
    for (const runtime::AddressSpace::Piece& piece : self.space().pieces()) {
        if (piece.bytes == 0 || piece.mapping.null()) continue;
        report.equal("Mapping copied", CNodeCap{}.copy(again->ref(), piece.mapping).error(), Error::refused);
        break;
    }
    report.equal("used slot filled again", CNodeCap{}.copy(badged->ref(), endpoint).error(), Error::slot_occupied);
    report.equal("empty slot used", runtime::NotifyCap{again->ref()}.poke().error(), Error::no_capability);
    CapRef beyond{capabilities::second_level_slots, 0};
    report.equal("reference beyond the root", runtime::NotifyCap{beyond}.poke().error(), Error::no_capability);
}

// What belongs to the system: an ordinary program finds its slots empty.
void check_absent(Report& report) {
    constexpr struct {
        CapRef slot;
        const char* name;
    } absent[] = {{well_known::kernel, "Kernel not held"},
                  {well_known::kernel_control, "KernelControl not held"},
                  {well_known::ports, "ports not held"},
                  {well_known::interrupt, "Interrupt not held"},
                  {well_known::performance_counter, "PerformanceCounter not held"},
                  {well_known::archive, "archive not held"}};
    for (auto [slot, name] : absent) {
        auto found = CNodeCap{}.identify(slot);
        report.check(name, found.ok() && found->empty());
    }
    auto kernel = runtime::KernelCap{}.info();
    report.equal("Kernel without capability", kernel.error(), Error::no_capability);
}

}  // namespace

void check_rights(Report& report, runtime::Program& self) {
    Samples samples(self);
    Status made = samples.make();
    report.equal("samples", made.error(), Error::none);
    if (!made.ok()) return;
    for (const capabilities::TypeInfo& type : capabilities::type_table) {
        if (!samples.sample(type.type).null()) check_type(report, self, samples, type);
    }
    check_cnodes(report, self);
    check_rest(report, self, samples);
    if (self.boot == nullptr) check_absent(report);
}

}  // namespace skerry::usr::test
