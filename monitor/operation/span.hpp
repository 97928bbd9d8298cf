// A program on several cores: a domain on each, of which the first leads. Each core has page tables of its own (law 1);
// what they share lies at the same addresses.
//
//   leader's ring     its monitor                          a member's monitor
//     MakeArena --->  memory of the leader's account, kept here
//     Span -------->  --- MakeMember (image, arena) --->   spawns; maps the leader's image, grants the arena
//     <--- Spanned -- <-- notify, flush, line ----------
//
//   one of them ends:  <--- MemberEnded -----------------  a member (it stays as it is, stopped)
//     leader stopped   --- StopMember ---------------->    stopped; every copy and mapping of the leader's memory revoked
//     lines revoked    --- ReleaseMember -------------->   taken apart
//     taken apart when all are gone
//
// No memory is given back before nobody can reach it: not the leader's before each member's monitor has said that its core
// knows it no more, not a member's before the leader has stopped.
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

// What a member needs beyond other programs.
struct MemberOrder {
    DomainId leader;
    Owned image, arena, notify;
    uint64_t shared_start = 0, shared_end = 0;
    urpc::monitor::Word4 word{};
};

base::Result<urpc::monitor::ArenaMade> make_arena(Monitor& monitor, DomainId domain,
                                                  const urpc::monitor::MakeArena& request);
urpc::Task<base::Result<urpc::monitor::Spanned>> span(urpc::FramePool& pool, Monitor& monitor, DomainId leader,
                                                      urpc::monitor::Span request);

// Within end_domain: of a program that has been stopped and is no longer served. Returns when its memory can be taken
// back on every core. Nothing to do for one that does not span.
urpc::Task<base::Status> end_span(urpc::FramePool& pool, Monitor& monitor, DomainId domain);
// Its part of a program that is taken apart.
void drop_span(Monitor& monitor, SpanPart& part, uint32_t counter);

}  // namespace skerry::monitor
