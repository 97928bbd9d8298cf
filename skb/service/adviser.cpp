#include "skb/service/adviser.hpp"

namespace skerry::skb {

namespace monitor = urpc::monitor;

void Adviser::begin() {
    asked_ = true;
    next_ = {};
    monitor_.ask_later(answer_, next_);
    tell_version();
}

// At once, so that it is with our monitor before whoever changed something has his answer.
void Adviser::knowledge_changed() {
    ++version_;
    if (asked_) tell_version();
}

void Adviser::tell_version() {
    if (monitor_.peer().try_send(monitor::KnowledgeChanged{version_}).ok()) told_ = version_;
}

void Adviser::step() {
    if (told_ != version_) tell_version();
    if (told_ != version_) {  // its ring is full
        constexpr uint64_t pause = 1'000'000;
        runtime::Dispatcher& dispatcher = monitor_.loop().program().dispatcher;
        (void)dispatcher.wait_until([] { return false; }, dispatcher.now() + pause).ok();
    }
    if (!next_.done) return;
    // A monitor that does not want us is not asked again: we serve programs.
    asked_ = next_.result.ok();
    if (!asked_) return;
    answer(*next_.result);
    next_ = {};
    monitor_.ask_later(answer_, next_);
}

void Adviser::answer(const monitor::Question& question) {
    answer_ = {};
    answer_.number = question.number;
    Problem problem;
    Status done;
    switch (question.kind) {
        case monitor::QuestionKind::tell:
            done = base_.tell(question.text.view(), problem);
            break;
        case monitor::QuestionKind::retract:
            done = base_.retract(question.text.view(), problem).error();
            break;
        default:
            done = find(question);
    }
    // What the monitor tells it knows: no news for it, but the rows that are kept are old.
    if (question.kind != monitor::QuestionKind::ask) {
        answered_for_ = 0;
        heard_ = true;
    }
    answer_.error = done.error();
    if (done.ok() && question.kind == monitor::QuestionKind::ask) pack(question.first);
}

// The rows of the last question are kept: the monitor takes them in several messages.
Status Adviser::find(const monitor::Question& question) {
    if (question.first != 0 && answered_for_ == version_ && text_ == question.text) return {};
    Problem problem;
    answered_for_ = 0;
    SKERRY_CHECK(base_.ask(question.text.view(), answers_, Questions::limits, problem));
    SKERRY_CHECK(answers_.sort(base_.symbols()));
    text_ = question.text;
    answered_for_ = version_;
    return {};
}

void Adviser::pack(uint32_t first) {
    auto& numbers = answer_.numbers;
    uint32_t columns = answers_.columns();
    answer_.columns = columns;
    answer_.rows = answers_.size();
    for (uint32_t row = first; row < answers_.size() && numbers.length + 4 * columns <= numbers.capacity; row++) {
        for (Value value : answers_.row(row)) {
            bool fits = base_.symbols().is_number(value);
            int64_t number = fits ? base_.symbols().as_number(value) : 0;
            if (!fits || number < 0 || number > UINT32_MAX) {
                answer_.error = Error::out_of_range;
                numbers.length = 0;
                return;
            }
            for (uint32_t i = 0; i < 4; i++) numbers.data[numbers.length++] = static_cast<uint8_t>(number >> 8 * i);
        }
    }
}

}  // namespace skerry::skb
