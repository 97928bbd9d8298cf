// The checks of `peers`, each against a partner that serves under `service` on some core.
#pragma once

#include "usr/console/bound.hpp"
#include "usr/test/peers/partner.hpp"
#include "usr/test/report.hpp"

namespace skerry::usr::test::peers {

constexpr uint64_t patience = 5'000'000'000;  // ns
using Peer = console::Bound<Protocol>;

struct World {
    console::Session& session;
    runtime::Program& self;
    Report& report;
    std::string_view service;
    base::CoreId core;  // the partner's
    bool same_core() const { return core == self.core(); }
};

void check_capabilities(World& world);
void check_large_messages(World& world);
void check_sharing(World& world);
// Connects, uses and leaves `times` times; nothing is left of it on either core.
void check_coming_and_going(World& world, uint32_t times);

// The partner's core is fenced by somebody else meanwhile; `third` is not.
void check_losing(World& world, base::CoreId third);

// This program with these arguments.
urpc::monitor::Spawn spawn_order(base::CoreId core, std::string_view what, std::string_view service);
// Waits for it. Errors: those of AwaitEnd.
base::Result<urpc::monitor::Ended> end_of(World& world, base::DomainId domain);
// A client that connects, sends capabilities and ends without a word.
int visit_and_die(runtime::Program& self, std::string_view service);

}  // namespace skerry::usr::test::peers
