#include "usr/bench/shootdown/team.hpp"

#include <algorithm>

#include "platform/user/context.hpp"
#include "platform/user/mark.hpp"
#include "usr/bench/shootdown/marks.hpp"

namespace skerry::bench::shootdown {

namespace monitor = urpc::monitor;

namespace {
constexpr Member root{0};                              // the first member is ourselves
constexpr uint64_t rules_patience = 5'000'000'000;     // ns: the machine's facts may still be collected
constexpr std::string_view variant_of_rules = "tree";  // whose own tree is for where nobody answers
}  // namespace

group::Topology Team::topology() const {
    return {std::span(places_).first(size_), root, std::span(distance_).first(size_t{nodes_} * nodes_), nodes_};
}

Status Team::find_cores(std::span<const base::CoreId> among) {
    base::CoreId own = session_.loop.program().core();
    for (uint32_t i = 0, count = 1; i < count; ++i) {
        auto info = SKERRY_TRY(session_.monitor.ask(monitor::CoreStatus{base::CoreId{i}}));
        count = info.core_count;
        if (info.state != monitor::CoreState::online) continue;
        group::Place place{info.package, info.node};
        if (info.core == own) {
            places_[root.value] = place;
            cores_[root.value] = own;
            continue;
        }
        bool wanted = among.empty() || std::find(among.begin(), among.end(), info.core) != among.end();
        if (!wanted || size_ == most_members) continue;
        places_[size_] = place;
        cores_[size_] = info.core;
        partners_[size_++].emplace(session_, "shootdown", info.core);
    }
    for (base::CoreId core : among) {
        auto end = cores_.begin() + size_;
        if (std::find(cores_.begin(), end, core) == end) return Error::not_found;
    }
    return size_ > 1 ? Status{} : Status{Error::not_found};
}

Status Team::assemble(std::span<const base::CoreId> among) {
    SKERRY_CHECK(find_cores(among));
    for (uint32_t from = 0, nodes = 1; from < nodes && nodes <= most_members; ++from) {
        auto row = session_.monitor.ask(monitor::NodeDistances{base::NodeId{from}});
        if (!row.ok()) break;  // not known: all nodes are equally far
        nodes_ = nodes = row->nodes;
        for (uint32_t to = 0; to < nodes; ++to) distance_[from * nodes + to] = row->to[to];
    }
    for (uint16_t i = 1; i < size_; ++i) {
        Partner& started = partner(Member{i});
        SKERRY_CHECK(started.start("bench_shootdown"));
        SKERRY_CHECK(started.meet(size_));
    }
    return {};
}

Team::~Team() {
    for (auto& partner : partners_) {
        if (partner) (void)ask(*partner, End{}).ok();
    }
}

Status Team::lend_from(Member lender, uint64_t bytes) {
    if (lender == root) {
        own_frame_ = SKERRY_TRY(seat_.lend(bytes));
        return {};
    }
    auto lent = SKERRY_TRY(ask(partner(lender), Lend{bytes}));
    partner(lender).lent = runtime::Owned(runtime::CapRef{lent.frame.slot}, session_.loop.program().slots);
    return {};
}

Status Team::give_to(Member member, Member lender, uint64_t bytes) {
    runtime::CapRef frame = lender == root ? own_frame_ : partner(lender).lent.ref();
    if (member == root) {
        runtime::SlotAllocator& slots = session_.loop.program().slots;
        auto copy = SKERRY_TRY(runtime::Owned::empty(slots));
        SKERRY_CHECK(runtime::CNodeCap{}.copy(copy.ref(), frame));
        return seat_.take(lender, std::move(copy), bytes);
    }
    return ask(partner(member), Take{urpc::Capability::copy_of(frame.word), bytes, lender}).error();
}

// Whoever has rings at its node lends memory; whoever uses them gets it.
Status Team::share(const group::Plan& plan, const group::Tree& tree, const group::Layout& layout) {
    for (uint16_t i = 0; i < plan.members; ++i) {
        Member lender{i};
        uint32_t bytes = layout.bytes(lender);
        if (bytes == 0) continue;
        SKERRY_CHECK(lend_from(lender, bytes));
        for (uint16_t j = 0; j < plan.members; ++j) {
            Member member{j};
            if (member != lender && layout.uses(tree, member, lender)) SKERRY_CHECK(give_to(member, lender, bytes));
        }
    }
    return {};
}

Status Team::share_page() {
    runtime::Program& self = session_.loop.program();
    page_ = SKERRY_TRY(self.ram().make_frame(base::page_size));
    auto copy = SKERRY_TRY(runtime::Owned::empty(self.slots));
    SKERRY_CHECK(runtime::CNodeCap{}.copy(copy.ref(), page_.cap));
    SKERRY_CHECK(seat_.page().take(std::move(copy)));
    for (uint16_t i = 1; i < size_; ++i) {
        SKERRY_CHECK(ask(partner(Member{i}), Share{urpc::Capability::copy_of(page_.cap.word)}));
    }
    unmaps_ = true;
    return {};
}

Status Team::complete(Order order) {
    group::Words words{static_cast<uint64_t>(order)};
    auto begun = seat_.group().begin(words);
    return begun.ok() ? seat_.complete(*begun + 1) : Status{begun.error()};
}

Status Team::run(uint32_t warm_up, uint32_t operations, Samples& samples) {
    samples.clear();
    platform::mark<platform::Mark::series>();
    Order order = unmaps_ ? Order::unmap : Order::shoot;
    for (uint32_t i = 0; i < warm_up + operations; ++i) {
        bool counts = i >= warm_up;
        if (unmaps_) SKERRY_CHECK(complete(Order::show));
        if (counts) platform::mark<platform::Mark::begin>(), skerry_shootdown_begin();
        uint64_t before = platform::read_cycle_counter();
        Status done = complete(order);
        uint64_t after = platform::read_cycle_counter();
        if (counts) skerry_shootdown_end(), platform::mark<platform::Mark::end>();
        if (!done.ok()) return done;
        if (counts) samples.add(after - before);
    }
    SKERRY_CHECK(complete(Order::leave));
    return seat_.failures() == 0 ? Status{} : Status{Error::corrupt};
}

Status Team::count(Measured& measured) {
    for (uint16_t i = 0; i < size_; ++i) {
        Counted& counted = measured.counted[i];
        counted = Member{i} == root ? seat_.count() : SKERRY_TRY(ask(partner(Member{i}), Count{}));
        if (counted.error != Error::none) return counted.error;
        if (counted.operations != seat_.group().completed()) return Error::corrupt;
        measured.lines += counted.lines;
    }
    measured.operations = seat_.group().completed();
    return measured.lines % measured.operations == 0 ? Status{} : Status{Error::corrupt};
}

Status Team::measure_lines(const group::Plan& plan, uint32_t warm_up, uint32_t operations, Samples& samples,
                           Measured& measured) {
    SKERRY_CHECK(seat_.sit(plan, root));
    for (uint16_t i = 1; i < size_; ++i) {
        auto started = ask(partner(Member{i}), start_of(plan, Member{i}, size_ > Partner::kept_open));
        if (!started.ok()) return started.error();
    }
    SKERRY_CHECK(run(warm_up, operations, samples));
    return count(measured);
}

Result<group::Plan> Team::plan_of(const group::Variant& variant) {
    asked_rules_ = variant.name == variant_of_rules;
    if (!asked_rules_) return variant.plan(topology());
    usr::group::Wanted wanted{"shootdown", std::span(cores_).first(size_), root, most_members - 1, rules_patience};
    return usr::group::choose_tree(session_, wanted, topology(), variant, about_);
}

Status Team::measure(const group::Variant& variant, uint32_t warm_up, uint32_t operations, Samples& samples,
                     Measured& measured) {
    group::Plan plan = SKERRY_TRY(plan_of(variant));
    measured.tree = SKERRY_TRY(group::Tree::from(plan));
    SKERRY_CHECK(share(plan, measured.tree, group::Layout(plan, measured.tree, window)));
    bool interrupts = plan.means == group::Means::interrupt;
    auto how = interrupts ? &Team::measure_interrupts : &Team::measure_lines;
    SKERRY_CHECK((this->*how)(plan, warm_up, operations, samples, measured));
    measured.ticks = samples.summary();
    for (auto& partner : partners_) {
        if (partner) partner->lent.reset();
    }
    seat_.leave();
    return {};
}

}  // namespace skerry::bench::shootdown
