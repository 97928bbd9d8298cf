// What monitors want to know. The monitor of this core puts questions when it has some; until then we wait for one.
//
//   NextQuestion(answer to the last) --> monitor --> Question --> Adviser --> KnowledgeBase
#pragma once

#include <utility>

#include "skb/service/questions.hpp"
#include "usr/console/monitor_link.hpp"

namespace skerry::skb {

class Adviser final : public Listener {
  public:
    Adviser(KnowledgeBase& base, usr::console::MonitorLink& monitor)
        : base_(base), monitor_(monitor), answers_(base.pool()) {}

    // Waits for the first question.
    void begin();
    // There is something to do in step().
    bool due() const { return asked_ && (next_.done || told_ != version_); }
    void step();
    // Whether the monitor has told something since the last time.
    bool take_told() { return std::exchange(heard_, false); }

    void knowledge_changed() override;

  private:
    void answer(const urpc::monitor::Question& question);
    Status find(const urpc::monitor::Question& question);
    void pack(uint32_t first);
    void tell_version();

    KnowledgeBase& base_;
    usr::console::MonitorLink& monitor_;
    usr::console::Pending<urpc::monitor::Question> next_;
    urpc::monitor::NextQuestion answer_{};
    Answers answers_;
    uint64_t answered_for_ = 0;  // the version of which answers_ are
    urpc::String<urpc::monitor::question_bytes> text_;
    uint64_t version_ = 1, told_ = 0;
    bool asked_ = false;
    bool heard_ = false;  // facts from the monitor
};

}  // namespace skerry::skb
