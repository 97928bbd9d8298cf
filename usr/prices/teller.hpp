// Tells the knowledge base what was measured: a file of facts, in place of what the one before it gave, at once.
#pragma once

#include "urpc/protocols/knowledge.hpp"
#include "usr/console/bound.hpp"
#include "usr/prices/facts.hpp"
#include "usr/prices/pairs.hpp"

namespace skerry::usr::prices {

using base::Error;
using base::Result;
using base::Status;
namespace knowledge = urpc::knowledge;

constexpr std::string_view file_name = "measured.pl";

class Teller {
  public:
    explicit Teller(console::Session& session) : session_(session), skb_(session) {}

    // Waits for the service, and until it has collected its own facts. Errors: those of a bind; refused (who started us may
    // not tell it anything), busy (somebody else writes a file).
    Status open();
    Status add(base::CoreId from, base::CoreId to, Price price);
    // What was added takes the place of what was told before.
    Status replace();
    // How long the rules take to choose this core's tree anew, in ns.
    Result<uint64_t> choose();

  private:
    template <typename Request>
    Result<typename Request::Response> ask(const Request& request);
    Status send();

    console::Session& session_;
    console::Bound<knowledge::Protocol> skb_;
    static constexpr size_t most_bytes = decltype(knowledge::AddText::text)::capacity;
    base::Buffer<most_bytes> text_;
};

}  // namespace skerry::usr::prices
