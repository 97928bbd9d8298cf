// What programs ask of the service `records`: named records that they find, wait for and watch; locks; barriers. All that a
// client causes to be kept is bounded, and goes when its channel ends. One channel a program.
//
//   client                      records
//     | --Set(record)----------> |  in place of its own of that name
//     | --Wait(query)----------> |  answered when a record matches: at once, or when somebody sets it
//     | --Lock(name)-----------> |  answered when all who came before have left
//     | --NextEvent(watch)-----> |  answered when something has happened
//
// Who waits may say for how long, in ns; 0: as long as it takes. Then timed_out, and it stands in no line any more; what came
// at the last moment counts as come.
//
// Text of records and queries: usr/records/record.hpp. Errors of text: corrupt, full (too many attributes), exists (one twice).
#pragma once

#include "urpc/protocol.hpp"

namespace skerry::urpc::records {

constexpr std::string_view service_name = "records";
using Text = String<160>;
using FullText = String<600>;  // a whole record
using Name = String<32>;

struct Stored {};
struct Set {  // Errors: exists (another program's), full (16 a program)
    using Response = Stored;
    FullText record;
};
struct Found {
    FullText record;
};
struct Get {  // the match with the least name after `after`. Errors: not_found
    using Response = Found;
    Text query;
    Name after;
};
struct Erased {
    uint32_t count;
};
struct Erase {  // the program's own that match
    using Response = Erased;
    Text query;
};
// Waits until some record matches, or, `gone`, until none does. Errors: closed, timed_out.
struct Wait {
    using Response = Found;  // empty for `gone`
    Text query;
    bool gone;
    uint64_t patience_ns;
};

enum class Change : uint32_t { made, changed, gone, count_ };
struct Watching {
    uint32_t watch;
};
struct Watch {  // Errors: full (4 a program)
    using Response = Watching;
    Text query;
};
struct Event {
    Change change;
    uint32_t missed;  // events before this one that had no room (8 wait)
    FullText record;
};
struct NextEvent {  // waits. Errors: not_found (no such watch), timed_out
    using Response = Event;
    uint32_t watch;
    uint64_t patience_ns;
};
struct Unwatched {};
struct Unwatch {
    using Response = Unwatched;
    uint32_t watch;
};

struct Locked {};
struct Lock {  // Errors: exists (this program has it or waits for it), full (8 locks and barriers a program), timed_out
    using Response = Locked;
    Name name;
    uint64_t patience_ns;
};
struct Unlocked {};
struct Unlock {  // Errors: not_found
    using Response = Unlocked;
    Name name;
};
struct Passed {};
// Waits until `parties` are there. Errors: invalid_argument, refused (others wait for another number), full, timed_out.
struct Barrier {
    using Response = Passed;
    Name name;
    uint32_t parties;
    uint64_t patience_ns;
};

using Protocol = urpc::Protocol<Set, Stored, Get, Found, Erase, Erased, Wait, Watch, Watching, NextEvent, Event,
                                Unwatch, Unwatched, Lock, Locked, Unlock, Unlocked, Barrier, Passed>;
static_assert(Protocol::max_lines <= 16);  // fits a ring of 4 KiB with both directions

}  // namespace skerry::urpc::records
