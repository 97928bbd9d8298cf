#include "usr/prices/teller.hpp"

namespace skerry::usr::prices {

namespace {
constexpr uint64_t patience = 10'000'000'000;  // ns
constexpr std::string_view first_line = "% Measured by `prices`.\n";
static_assert(first_line.size() + pairs_maximum * facts_bytes <= knowledge::draft_bytes);
}  // namespace

// The first answer waits for the machine's facts.
template <typename Request>
Result<typename Request::Response> Teller::ask(const Request& request) {
    runtime::Dispatcher& dispatcher = session_.loop.program().dispatcher;
    uint64_t deadline = dispatcher.now() + patience;
    for (;;) {
        auto answer = skb_.call(request);
        if (answer.error() != Error::again || dispatcher.now() > deadline) return answer;
        constexpr uint64_t while_ns = 20'000'000;
        dispatcher.sleep_until(dispatcher.now() + while_ns);
    }
}

Status Teller::open() {
    SKERRY_CHECK(skb_.bind("skb", patience));
    text_ << first_line;
    return send();
}

Status Teller::send() {
    knowledge::AddText request{};
    request.text = decltype(request.text)::cut(text_.view());
    text_.clear();
    return ask(request).error();
}

Status Teller::add(base::CoreId from, base::CoreId to, Price price) {
    Facts facts;
    write_facts(from, to, price, facts);
    SKERRY_ASSERT(!facts.cut());
    if (text_.size() + facts.size() > most_bytes) SKERRY_CHECK(send());
    text_ << facts.view();
    return {};
}

Status Teller::replace() {
    SKERRY_CHECK(send());
    knowledge::Replace request{};
    request.file = decltype(request.file)::cut(file_name);
    auto told = SKERRY_TRY(ask(request));
    return told.error;
}

Result<uint64_t> Teller::choose() {
    runtime::Dispatcher& dispatcher = session_.loop.program().dispatcher;
    base::Buffer<48> goals;
    goals << "tree(" << session_.loop.program().core() << ", P, C, T)";
    knowledge::Ask question{};
    question.goals = decltype(question.goals)::cut(goals.view());
    uint64_t before = dispatcher.now();
    auto found = SKERRY_TRY(ask(question));
    if (found.error != Error::none) return found.error;
    return dispatcher.now() - before;
}

}  // namespace skerry::usr::prices
