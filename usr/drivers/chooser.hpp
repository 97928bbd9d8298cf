// Which core a device's interrupt, and so its driver, belongs to: what the rules say (skb/rules/routes.pl), now.
#pragma once

#include "urpc/protocols/knowledge.hpp"
#include "usr/console/bound.hpp"

namespace skerry::usr::drivers {

class Chooser {
  public:
    explicit Chooser(console::Session& session) : skb_(session) {}

    // Of route(Source, Core, Address). Errors: not_found (the rules say nothing, or are gone), and those of bind and call:
    // then the driver stays where it is.
    base::Result<base::CoreId> core_for(uint32_t source);

  private:
    console::Bound<urpc::knowledge::Protocol> skb_;
};

}  // namespace skerry::usr::drivers
