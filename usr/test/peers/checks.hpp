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

}  // namespace skerry::usr::test::peers
