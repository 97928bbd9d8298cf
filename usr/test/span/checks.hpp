// What the parts of `span` have in common.
#pragma once

#include "usr/console/session.hpp"
#include "usr/span/span.hpp"
#include "usr/test/report.hpp"

namespace skerry::usr::test::span_checks {

using base::Error;
using base::Result;
using base::Status;
using span::Span;
using span::Touch;
using span::Way;

struct World {
    console::Session& session;
    runtime::Program& self;
    Report report;
    Span& span;
};

// Members 1 .. on the other cores that are online, at most `most`. -> how many there are with ours
Result<uint32_t> add_members(World& world, uint32_t most);
// Runs it on every member but ours.
Status run_all(World& world, span::Work* work, void* argument);
Status wait_all(World& world);

void check_work(World& world);   // threads of control and memory
void check_pages(World& world);  // map, protect, unmap; who is asked
// A page that all others read and write without end is taken away, its memory used for something else, and given back.
void check_hammer(World& world, uint32_t rounds);

}  // namespace skerry::usr::test::span_checks
