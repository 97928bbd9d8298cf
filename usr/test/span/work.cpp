// Threads of control on other cores, globals and pages that they share, and which cores are asked when a page changes.
#include "usr/test/span/checks.hpp"

namespace skerry::usr::test::span_checks {

namespace {

constexpr uint64_t patience = 20'000'000'000;  // ns
constexpr uint32_t additions = 10'000;
constexpr uint32_t words = 8192, beyond_all = 200;
constexpr base::CoreId no_core{beyond_all};

// Globals: one memory on all cores.
constinit std::atomic<uint64_t> counter{0};
constinit std::array<uint64_t, words> numbers{};
constinit std::array<std::atomic<uint64_t>, span::members_maximum> sums{};
constinit std::atomic<uint64_t> cores_seen{0};

void add_up(Span& span, uint32_t member, void* argument) {
    uint32_t members = *static_cast<const uint32_t*>(argument);  // on the leader's stack
    for (uint32_t i = 0; i < additions; ++i) {
        counter.fetch_add(1, std::memory_order_relaxed);
        if (i % 64 == 0) platform::pause();
    }
    uint64_t sum = 0;
    for (uint32_t i = member; i < words; i += members) sum += numbers[i];
    sums[member].store(sum, std::memory_order_relaxed);
    cores_seen.fetch_or(uint64_t{1} << runtime::program().core().value, std::memory_order_relaxed);
    (void)span;
}

uint64_t& word_in(uint32_t page, uint32_t index) {
    return reinterpret_cast<uint64_t*>(Span::at(page))[index];
}

void write_mark(Span&, uint32_t member, void* argument) {
    word_in(*static_cast<const uint32_t*>(argument), member) = 1000 + member;
}

// And waits for its next order without blocking, for as long as the leader may take to come.
void write_mark_and_poll(Span& span, uint32_t member, void* argument) {
    write_mark(span, member, argument);
    runtime::program().dispatcher.set_poll_time(patience);
}

struct Touched {
    std::array<uint64_t, span::members_maximum> before{};
    explicit Touched(const Span& span) {
        for (uint32_t i = 0; i < span.members(); ++i) before[i] = span.requests(i);
    }
    // Whether exactly the members of [first, last) were asked, once each.
    bool asked(const Span& span, uint32_t first, uint32_t last) const {
        for (uint32_t i = 0; i < span.members(); ++i) {
            uint64_t wanted = before[i] + (i >= first && i < last ? 1 : 0);
            if (span.requests(i) != wanted) return false;
        }
        return true;
    }
};

void check_way(World& world, Way way) {
    Span& span = world.span;
    base::Buffer<64> name;
    auto check = [&](std::string_view what, bool ok) {
        base::Buffer<80> text;
        text << what << " by " << span::name_of(way);
        world.report.check(text.view(), ok);
    };
    span.set_way(way);
    uint32_t page = 3, last = span.members() - 1;
    bool marked = span.map(page, 1, true).ok();
    word_in(page, 0) = 0;
    for (uint32_t i = 1; i < last; ++i) marked = marked && span.run(i, &write_mark, &page).ok();
    for (uint32_t i = 1; i < last; ++i) marked = marked && span.wait(i, world.self.dispatcher.now() + patience).ok();
    for (uint32_t i = 1; i < last; ++i) marked = marked && word_in(page, i) == 1000 + i;
    check("pages that others have written", marked);
    check("who has touched it is known",
          span.touched(page, 0) && span.touched(page, 1) == (last > 1) && !span.touched(page, last));
    Touched at_protect(span);
    check("protect asks those alone", span.protect(page).ok() && at_protect.asked(span, 0, last));
    check("and it can be read still", word_in(page, last > 1 ? 1 : 0) == (last > 1 ? 1001u : 0u));
    Touched at_unmap(span);
    check("unmap asks those alone", span.unmap(page).ok() && at_unmap.asked(span, 0, last));
    Touched at_next(span);
    bool again = span.map(page, 2, true).ok();
    word_in(page, 0) = 7;
    auto ticket = span.unmap_deferred(page);
    again = again && ticket.ok();
    if (again) span.finish(*ticket);
    check("a page that no other core has touched asks none", again && at_next.asked(span, 0, 1));
    check("a ticket that is finished stays so", again && span.finished(*ticket));
    Touched at_untouched(span);
    check("an untouched page asks nobody",
          span.map(page, 2, true).ok() && span.unmap(page).ok() && at_untouched.asked(span, 0, 0));
    check("what is not mapped is not found", span.unmap(page).error() == Error::not_found);
}

// A member that polls is not interrupted.
bool sees_to_it(World& world) {
    Span& span = world.span;
    constexpr uint32_t tries = 1000;
    uint32_t page = 3;
    span.set_way(Way::dispatchers);
    for (uint32_t i = 0; i < tries; ++i) {
        uint64_t before = span.seen_to(1);
        bool shared = span.map(page, 1, true).ok() && span.run(1, &write_mark_and_poll, &page).ok();
        if (!shared || !span.wait(1, world.self.dispatcher.now() + patience).ok()) return false;
        if (!span.unmap(page).ok()) return false;
        if (span.seen_to(1) != before) return true;
    }
    return false;
}

}  // namespace

Result<uint32_t> add_members(World& world, uint32_t most) {
    uint32_t machine = 1;
    for (uint32_t core = 0; core < machine && world.span.members() < most; ++core) {
        auto info = world.session.monitor.ask(urpc::monitor::CoreStatus{base::CoreId{core}});
        if (!info.ok()) return info.error();
        machine = info->core_count;
        if (info->state != urpc::monitor::CoreState::online || core == world.self.core().value) continue;
        auto member = world.span.add(base::CoreId{core});
        if (!member.ok()) return member.error();
    }
    return world.span.members();
}

Status run_all(World& world, span::Work* work, void* argument) {
    for (uint32_t i = 1; i < world.span.members(); ++i) SKERRY_CHECK(world.span.run(i, work, argument));
    return {};
}

Status wait_all(World& world) {
    uint64_t deadline = world.self.dispatcher.now() + patience;
    for (uint32_t i = 1; i < world.span.members(); ++i) SKERRY_CHECK(world.span.wait(i, deadline));
    return {};
}

void check_work(World& world) {
    uint64_t wanted = 0;
    for (uint32_t i = 0; i < words; ++i) wanted += numbers[i] = i * 3;
    uint32_t members = world.span.members();
    world.report.equal("threads of control begin", run_all(world, &add_up, &members).error(), Error::none);
    add_up(world.span, 0, &members);
    world.report.equal("and end", wait_all(world).error(), Error::none);
    uint64_t sum = 0;
    for (const std::atomic<uint64_t>& part : sums) sum += part.load();
    uint32_t cores = 0;
    for (uint64_t seen = cores_seen.load(); seen != 0; seen &= seen - 1) ++cores;
    world.report.check("a counter that all add to", counter.load() == uint64_t{additions} * members);
    world.report.check("an array that each sums a part of", sum == wanted);
    world.report.check("each ran on a core of its own", cores == members);
    world.report.equal("no second member on a core", world.span.add(world.self.core()).error(), Error::exists);
    world.report.equal("no core that is not there", world.span.add(no_core).error(), Error::not_found);
}

void check_pages(World& world) {
    check_way(world, Way::drivers);
    check_way(world, Way::dispatchers);
    if (world.span.members() > 1) world.report.check("a dispatcher that polls sees to it itself", sees_to_it(world));
}

}  // namespace skerry::usr::test::span_checks
