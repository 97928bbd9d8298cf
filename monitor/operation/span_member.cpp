// A member's side (span.hpp draws both).
#include "monitor/operation/span.hpp"
#include "monitor/operation/spawn.hpp"
#include "monitor/transfer.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using capabilities::Rights;
namespace intermonitor = urpc::intermonitor;
namespace well_known = capabilities::well_known;

namespace {

// The line lies in our memory: the driver of this core writes the answers. After an error nothing is left.
Result<intermonitor::MemberMade> offer_line(Monitor& m, DomainRecord& record) {
    Program& program = *record.program;
    SpanPart& part = program.span;
    part.line = SKERRY_TRY(m.self.ram().make_frame(base::page_size));
    Owned flush = SKERRY_TRY(Owned::empty(m.self.slots));
    SKERRY_CHECK(runtime::DispatcherCap{program.domain.dispatcher.ref()}.make_flush(flush.ref(), part.line.cap, 0));
    SKERRY_CHECK(program.domain.grant({well_known::span_flush, flush.ref(), Rights::send}));
    // The dispatcher holds a copy of the frame for as long as it lives, and the leader's monitor its value.
    return intermonitor::MemberMade{.member = record.id,
                                    .notify = SKERRY_TRY(words_of(program.domain.notify.ref())),
                                    .flush = SKERRY_TRY(words_of(flush.ref())),
                                    .line = SKERRY_TRY(words_of(part.line.cap))};
}

// Neither the program nor anybody else on this core has any of it after this, whoever got it from it.
void revoke_all(Owned& cap) {
    if (cap) (void)runtime::CNodeCap{}.revoke(cap.ref()).ok();
    cap.reset();
}

}  // namespace

Result<intermonitor::MemberMade> PeerHandler::operator()(const intermonitor::MakeMember& request) {
    MemberOrder member{.leader = request.leader,
                       .image = SKERRY_TRY(made_of(monitor.self, request.image)),
                       .arena = SKERRY_TRY(made_of(monitor.self, request.arena)),
                       .notify = SKERRY_TRY(made_of(monitor.self, request.notify)),
                       .shared_start = request.shared_start,
                       .shared_end = request.shared_end,
                       .word = request.word};
    const runtime::Grant grants[] = {{well_known::span_arena, member.arena.ref(), Rights::read | Rights::write},
                                     {well_known::span_leader, member.notify.ref(), Rights::send}};
    ProgramOrder order;
    order.name = request.name;
    order.parent = request.leader;
    order.grants = grants;
    order.member = &member;
    auto spawned = SKERRY_TRY(spawn_program(monitor, order));
    DomainRecord* record = monitor.domains.find(spawned.domain);
    SKERRY_ASSERT(record != nullptr && record->program != nullptr);
    auto made = offer_line(monitor, *record);
    if (made.ok()) return made;
    record->program->span.released = record->program->span.told_to_stop = true;
    monitor.domains.begin_end(*record, runtime::fault_status, "no line for its leader");
    monitor.changed.set();
    return made.error();
}

Result<intermonitor::MemberStopped> PeerHandler::operator()(const intermonitor::StopMember& request) {
    DomainRecord* record = monitor.domains.find(request.member);
    if (record == nullptr || record->program == nullptr) return intermonitor::MemberStopped{};
    Program& program = *record->program;
    if (!program.span.is_member()) return Error::refused;
    (void)runtime::DispatcherCap{program.domain.dispatcher.ref()}.stop().ok();
    program.span.told_to_stop = true;
    revoke_all(program.span.image);
    revoke_all(program.span.arena);
    monitor.domains.begin_end(*record, request.status, request.reason.view());
    monitor.changed.set();
    return intermonitor::MemberStopped{};
}

Result<intermonitor::MemberReleased> PeerHandler::operator()(const intermonitor::ReleaseMember& request) {
    DomainRecord* record = monitor.domains.find(request.member);
    if (record != nullptr && record->program != nullptr) record->program->span.released = true;
    monitor.changed.set();
    return intermonitor::MemberReleased{};
}

// At the leader's.
Result<intermonitor::MemberHeard> PeerHandler::operator()(const intermonitor::MemberEnded& news) {
    DomainRecord* record = monitor.domains.find(news.leader);
    if (record == nullptr) return Error::not_found;
    base::Buffer<96> reason;
    if (news.reason.length != 0) reason << "core " << peer.core.value << ": " << news.reason.view();
    monitor.domains.begin_end(*record, news.status, reason.view());
    monitor.changed.set();
    return intermonitor::MemberHeard{};
}

}  // namespace skerry::monitor
