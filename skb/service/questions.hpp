// What programs ask and tell. The base is everybody's; a client has a question of its own, whose rows are kept until it
// asks another one, so nobody loses rows to somebody else.
#pragma once

#include <array>

#include "skb/skb.hpp"
#include "urpc/protocols/knowledge.hpp"
#include "urpc/protocols/monitor.hpp"

namespace skerry::skb {

// Hears that what the base answers may not be the same any more.
class Listener {
  public:
    virtual void knowledge_changed() = 0;

  protected:
    ~Listener() = default;
};

// What all clients share.
class Questions {
  public:
    class Client;
    explicit Questions(KnowledgeBase& base, Listener& listener) : base_(base), listener_(listener) {}

    // From now on there is something to ask.
    void begin() { ready_ = true; }

    // What one question may take of a service that all share. Its stack is 64 KiB.
    static constexpr Limits limits{.steps = 5'000'000, .bytes = size_t{1} << 20, .depth = 130};
    static constexpr size_t rows_bytes = 64 << 10;  // that a client may have kept for it

  private:
    KnowledgeBase& base_;
    Listener& listener_;
    bool ready_ = false;
    // The rule file that a manager is writing.
    const Client* author_ = nullptr;
    uint32_t draft_size_ = 0;
    std::array<char, urpc::knowledge::draft_bytes> draft_{};
};

class Questions::Client {
  public:
    Client(Questions& all, const urpc::monitor::Incoming& who)
        : all_(all), answers_(all.base_.pool()), manager_(who.manager) {}
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client() { drop_draft(); }

    Result<urpc::knowledge::Found> operator()(const urpc::knowledge::Ask& ask);
    Result<urpc::knowledge::Found> operator()(const urpc::knowledge::AskGroup& ask);
    Result<urpc::knowledge::Rows> operator()(const urpc::knowledge::Next& next);
    Result<urpc::knowledge::Told> operator()(const urpc::knowledge::Tell& tell);
    Result<urpc::knowledge::Told> operator()(const urpc::knowledge::Retract& retract);
    Result<urpc::knowledge::TextAdded> operator()(const urpc::knowledge::AddText& more);
    Result<urpc::knowledge::Told> operator()(const urpc::knowledge::Replace& replace);
    Result<urpc::knowledge::Told> operator()(const urpc::knowledge::Remove& remove);
    Result<urpc::knowledge::RuleFile> operator()(const urpc::knowledge::NextRuleFile& next) const;
    Result<urpc::knowledge::Facts> operator()(const urpc::knowledge::NextFacts& next) const;

  private:
    urpc::knowledge::Found found(Status done, std::string_view goals, Problem& problem);
    // Errors: again (not ready), refused (not a manager).
    Status may_change() const;
    Result<urpc::knowledge::Told> told(const Status& done, uint32_t count, const Problem& problem);
    void drop_draft();

    Questions& all_;
    Answers answers_;
    uint64_t asked_ = 0;
    bool any_ = false;  // answers_ are those of question asked_
    bool manager_;
};

}  // namespace skerry::skb
