// The leader's side (span.hpp draws both).
#include "monitor/operation/span.hpp"

#include "monitor/operation/connect.hpp"
#include "monitor/transfer.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using capabilities::Rights;
using urpc::FramePool;
using urpc::Task;
namespace intermonitor = urpc::intermonitor;
namespace protocol = urpc::monitor;

namespace {

constexpr uint64_t look_again = 500'000;  // ns, between two questions whether a member is gone

Program* running(Monitor& m, DomainId id) {
    DomainRecord* record = m.domains.find(id);
    return record == nullptr || record->state == DomainState::ending ? nullptr : record->program;
}

// A copy for the program, which can neither pass it on nor take it from others.
Status give(Program& program, uint64_t slot, CapRef cap, Rights rights) {
    return runtime::CNodeCap{program.domain.root_cnode.ref()}.mint(CapRef{slot}, cap, rights);
}

Status hand_to_leader(Monitor& m, Program& program, SpanPart::Member& member, const intermonitor::MemberMade& made,
                      const protocol::Span& request) {
    member.line = SKERRY_TRY(made_of(m.self, made.line));
    Owned notify = SKERRY_TRY(made_of(m.self, made.notify));
    Owned flush = SKERRY_TRY(made_of(m.self, made.flush));
    SKERRY_CHECK(give(program, request.notify, notify.ref(), Rights::send));
    SKERRY_CHECK(give(program, request.flush, flush.ref(), Rights::send));
    return give(program, request.line, member.line.ref(), Rights::read | Rights::write);
}

Result<intermonitor::MakeMember> order_of(const DomainRecord& record, const protocol::Span& request) {
    const runtime::SpawnedDomain& domain = record.program->domain;
    capabilities::Capability image{.type = capabilities::Type::frame,
                                   .rights = Rights::read | Rights::write | Rights::revoke,
                                   .base = domain.image_base,
                                   .size = domain.image_bytes,
                                   .extra = domain.image_bytes};
    if (request.shared_start % base::page_size != 0 || request.shared_end % base::page_size != 0) {
        return Error::misaligned;
    }
    if (request.shared_start >= request.shared_end) return Error::invalid_argument;
    return intermonitor::MakeMember{.leader = record.id,
                                    .name = record.name,
                                    .image = std::bit_cast<Word4>(image),
                                    .arena = SKERRY_TRY(words_of(record.program->span.arena.ref())),
                                    .notify = SKERRY_TRY(words_of(domain.notify.ref())),
                                    .shared_start = request.shared_start,
                                    .shared_end = request.shared_end,
                                    .word = request.word};
}

template <typename Request>
Task<Result<typename Request::Response>> ask(FramePool& pool, Monitor& m, CoreId core, Request request) {
    auto connecting = connect(pool, m, core);
    auto peer = co_await connecting;
    if (!peer.ok()) co_return peer.error();
    auto call = peer.value()->link.call(request);
    auto answer = co_await call;
    co_return answer;
}

// Until the member's core has forgotten it. A monitor that is gone takes its programs with it.
Task<Status> member_gone(FramePool& pool, Monitor& m, CoreId core, DomainId id) {
    for (;;) {
        auto asking = ask(pool, m, core, intermonitor::Watch{id});
        auto watched = co_await asking;
        if (!watched.ok() || watched->ended) co_return Status{};
        auto wait = m.loop.timers().sleep(m.now() + look_again);
        co_await wait;
    }
}

}  // namespace

Result<protocol::ArenaMade> make_arena(Monitor& m, DomainId domain, const protocol::MakeArena& request) {
    Program* program = running(m, domain);
    if (program == nullptr) return Error::closed;
    if (program->span.is_member()) return Error::refused;
    if (program->span.arena) return Error::exists;
    if (request.bytes < protocol::arena_least || request.bytes > protocol::arena_most) return Error::out_of_range;
    if ((request.bytes & (request.bytes - 1)) != 0) return Error::invalid_argument;
    uint32_t account = base::counter_of(domain);
    Owned frame = SKERRY_TRY(Owned::empty(m.self.slots));
    RamBlock block = SKERRY_TRY(m.memory.allocate(request.bytes, request.bytes, account, urpc::memory::any_node));
    Status made = runtime::CNodeCap{}.retype(frame.ref(), block.cap, capabilities::Type::frame, 0, 0, request.bytes);
    if (made.ok()) made = runtime::FrameCap{frame.ref()}.clean();
    if (made.ok()) made = give(*program, request.slot, frame.ref(), Rights::read | Rights::write);
    if (!made.ok()) {
        frame.reset();
        m.memory.give_back(block, account);
        return made.error();
    }
    program->span.arena = std::move(frame);
    program->span.arena_block = block;
    return protocol::ArenaMade{};
}

// The leader's end waits for this: then each member that was made is in the list.
Task<Result<protocol::Spanned>> span(FramePool& pool, Monitor& m, DomainId leader, protocol::Span request) {
    Program* program = running(m, leader);
    if (program == nullptr || !program->span.arena) co_return Error::closed;
    SpanPart& part = program->span;
    if (part.is_member()) co_return Error::refused;
    if (request.core == m.core || part.find(request.core) != nullptr) co_return Error::exists;
    if (part.member_count == SpanPart::members_maximum) co_return Error::full;
    auto order = order_of(*m.domains.find(leader), request);
    if (!order.ok()) co_return order.error();

    part.members[part.member_count++].core = request.core;
    auto asking = ask(pool, m, request.core, order.value());
    auto made = co_await asking;
    if (!made.ok()) {
        SpanPart::Member& last = part.members[--part.member_count];
        if (SpanPart::Member* place = part.find(request.core)) std::swap(*place, last);
        last = {};
        co_return made.error();
    }
    SpanPart::Member* place = part.find(request.core);  // others may have come and gone meanwhile
    SKERRY_ASSERT(place != nullptr && place->id.value == 0);
    place->id = made->member;
    Status handed = hand_to_leader(m, *program, *place, made.value(), request);
    if (!handed.ok()) {
        m.domains.begin_end(*m.domains.find(leader), runtime::fault_status, "a core could not be added");
        m.changed.set();
        co_return handed.error();
    }
    co_return protocol::Spanned{made->member};
}

Task<Status> end_span(FramePool& pool, Monitor& m, DomainId domain) {
    DomainRecord* record = m.domains.find(domain);
    SKERRY_ASSERT(record != nullptr && record->program != nullptr && record->state == DomainState::ending);
    SpanPart& part = record->program->span;
    if (part.is_member() && !part.told_to_stop) {
        intermonitor::MemberEnded news{part.leader, record->ending.status, record->ending.reason};
        auto telling = ask(pool, m, base::core_of(part.leader), news);
        auto told = co_await telling;
        if (!told.ok()) part.released = true;  // there is no leader any more, and nobody who could map our memory
    }
    while (part.is_member() && !part.released) {
        auto wait = m.loop.timers().wait(m.changed, 0);
        co_await wait;
    }
    if (!part.is_leader()) co_return Status{};

    for (uint32_t i = 0; i < part.member_count; ++i) {
        intermonitor::StopMember stop{part.members[i].id, record->ending.status, record->ending.reason};
        auto stopping = ask(pool, m, part.members[i].core, stop);
        auto stopped = co_await stopping;
        (void)stopped.ok();  // without its monitor nothing of that core runs
    }
    for (uint32_t i = 0; i < part.member_count; ++i) {
        Owned line = std::move(part.members[i].line);
        if (line) (void)runtime::CNodeCap{}.revoke(line.ref()).ok();
        line.reset();
        auto releasing = ask(pool, m, part.members[i].core, intermonitor::ReleaseMember{part.members[i].id});
        auto released = co_await releasing;
        (void)released.ok();
    }
    for (uint32_t i = 0; i < part.member_count; ++i) {
        auto going = member_gone(pool, m, part.members[i].core, part.members[i].id);
        Status gone = co_await going;
        (void)gone.ok();
    }
    part.member_count = 0;
    co_return Status{};
}

void drop_span(Monitor& m, SpanPart& part, uint32_t counter) {
    SKERRY_ASSERT(!part.is_leader());
    part.image.reset();
    part.arena.reset();
    if (part.arena_block.bytes != 0) m.memory.give_back(std::exchange(part.arena_block, {}), counter);
    if (!part.line.cap.null()) {
        (void)runtime::CNodeCap{}.revoke(part.line.cap).ok();
        m.self.ram().destroy(std::exchange(part.line, {}));
    }
}

}  // namespace skerry::monitor
