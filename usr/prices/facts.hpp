// What was measured, as text for the knowledge base (skb/facts.pl).
#pragma once

#include "platforms/base/format.hpp"
#include "platforms/base/ids.hpp"
#include "usr/prices/price.hpp"

namespace skerry::usr::prices {

// Two facts, on a line: of cores below 1000, and of any price.
constexpr size_t facts_bytes = 80;
using Facts = base::Buffer<facts_bytes>;
void write_facts(base::CoreId from, base::CoreId to, Price price, Facts& text);

}  // namespace skerry::usr::prices
