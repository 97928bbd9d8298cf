#include "usr/prices/team.hpp"

namespace skerry::usr::prices {

// No more than a program may have: who was asked longest ago is left, and comes again.
void Team::make_room() {
    uint32_t open = 0, oldest = 0;
    for (uint32_t i = 1; i < size_; ++i) {
        if (!partners_[i] || !partners_[i]->open()) continue;
        ++open;
        if (oldest == 0 || used_[i] < used_[oldest]) oldest = i;
    }
    if (open >= Partner::kept_open) partners_[oldest]->leave();
}

template <typename Request>
Result<typename Request::Response> Team::ask(uint32_t member, const Request& request) {
    SKERRY_ASSERT(member > 0 && member < size_);
    Partner& partner = *partners_[member];
    if (!partner.open()) make_room();
    used_[member] = ++uses_;
    return partner.ask(request, 1);
}

Status Team::start(std::span<const Place> places) {
    SKERRY_ASSERT(!places.empty() && places.size() <= members_maximum);
    // Nobody else's, however many leaders there are.
    base::Buffer<24> service;
    service << "prices." << base::counter_of(session_.loop.program().domain());
    for (; size_ < places.size(); ++size_) {
        Partner& partner = partners_[size_].emplace(session_, service.view(), places[size_].core);
        Status started = partner.start("prices");
        if (!started.ok()) return started;
    }
    (void)SKERRY_TRY(own_.lend());
    for (uint32_t i = 1; i < size_; ++i) {
        auto lent = SKERRY_TRY(ask(i, Lend{}));
        pages_[i] = runtime::Owned(runtime::CapRef{lent.page.slot}, session_.loop.program().slots);
        faces_[i] = i;
    }
    return {};
}

Team::~Team() {
    for (uint32_t i = 1; i < size_; ++i) (void)session_.monitor.ask(urpc::monitor::Kill{partners_[i]->domain()}).ok();
    for (uint32_t i = 1; i < size_; ++i) partners_[i]->await_end();
}

Status Team::face(uint32_t member, uint32_t other) {
    if (faces_[member] == other) return {};
    runtime::CapRef page = other == 0 ? SKERRY_TRY(own_.lend()) : pages_[other].ref();
    faces_[member] = member;
    if (member == 0) {
        auto copy = SKERRY_TRY(runtime::Owned::empty(session_.loop.program().slots));
        SKERRY_CHECK(runtime::CNodeCap{}.copy(copy.ref(), page));
        SKERRY_CHECK(own_.take(std::move(copy)));
    } else {
        (void)SKERRY_TRY(ask(member, Take{urpc::Capability::copy_of(page.word)}));
    }
    faces_[member] = other;
    return {};
}

Status Team::begin(uint32_t member, Part part, uint64_t time) {
    if (member == 0) return own_.prepare();
    return ask(member, Work{part, time}).error();
}

Result<Price> Team::price(Pair pair, uint64_t time) {
    SKERRY_CHECK(face(pair.from, pair.to));
    SKERRY_CHECK(face(pair.to, pair.from));
    // Who answers waits first; we come last, as nobody else can be told then.
    Status begun = begin(pair.to, Part::answer, time);
    if (begun.ok()) begun = begin(pair.from, Part::measure, time);
    if (!begun.ok()) return begun.error();
    Outcome own{};
    if (pair.to == 0) own = own_.work(Part::answer, time);
    if (pair.from == 0) own = own_.work(Part::measure, time);
    auto of = [&](uint32_t member) { return member == 0 ? Result<Outcome>(own) : ask(member, Report{}); };
    Outcome answered = SKERRY_TRY(of(pair.to));
    Outcome measured = SKERRY_TRY(of(pair.from));
    if (answered.error != Error::none) return answered.error;
    if (measured.error != Error::none) return measured.error;
    return measured.price;
}

}  // namespace skerry::usr::prices
