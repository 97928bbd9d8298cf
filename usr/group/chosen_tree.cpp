#include "usr/group/chosen_tree.hpp"

#include "usr/group/rows_text.hpp"

namespace skerry::usr::group {

using base::Error;
using base::Result;
using base::Status;
using urpc::group::Plan;
namespace knowledge = urpc::knowledge;

namespace {

constexpr uint64_t pause = 20'000'000;  // ns, while the machine's facts are being collected

// What is said to the knowledge base: over at the deadline, whatever it does.
class Conversation {
  public:
    Conversation(console::Session& session, uint64_t patience)
        : loop_(session.loop), skb_(session), deadline_(now() + patience) {}

    // Errors: those of a bind: timed_out (there is none).
    Status begin() {
        uint64_t here = now();
        return skb_.bind("skb", here < deadline_ ? deadline_ - here : 0);
    }
    // Errors: timed_out; what was answered; those of a call.
    template <typename Request>
    Result<typename Request::Response> ask(const Request& request) {
        for (;;) {
            auto answer = once(request);
            if (answer.error() != Error::again || now() + pause >= deadline_) return answer;
            dispatcher().sleep_until(now() + pause);
        }
    }

  private:
    runtime::Dispatcher& dispatcher() { return loop_.program().dispatcher; }
    uint64_t now() { return dispatcher().now(); }

    template <typename Request>
    Result<typename Request::Response> once(const Request& request) {
        if (!skb_.open()) return Error::closed;
        console::Pending<typename Request::Response> pending;
        loop_.start(skb_.caller(), request, pending);
        bool answered = dispatcher().wait_until([&] { return pending.done; }, deadline_).ok();
        if (answered) return pending.result;
        skb_.leave();  // when this returns, nobody writes to `pending` any more
        SKERRY_ASSERT(pending.done);
        return Error::timed_out;
    }

    console::Loop& loop_;
    console::Bound<knowledge::Protocol> skb_;
    uint64_t deadline_;
};

Status read_rows(Conversation& skb, const Wanted& wanted, TreeRows& rows, Reason& about) {
    knowledge::AskGroup request{};
    request.group = decltype(request.group)::cut(wanted.name);
    request.root = wanted.members[wanted.root.value];
    for (base::CoreId core : wanted.members) {
        if (core.value >= urpc::machine_cores_maximum) return Error::out_of_range;
        request.cores[core.value / 64] |= uint64_t{1} << core.value % 64;
    }
    auto found = SKERRY_TRY(skb.ask(request));
    if (found.error != Error::none) about << found.text.view();
    if (found.error != Error::none) return found.error;
    if (found.columns != 3) return Error::corrupt;
    if (found.rows > rows.capacity) {
        about << "the rules' tree has " << found.rows << " edges";
        return Error::full;
    }
    for (uint32_t row = 0; row < found.rows;) {
        auto some = SKERRY_TRY(skb.ask(knowledge::Next{found.question, row}));
        SKERRY_CHECK(add_rows(some.text.view(), rows));
        if (some.next <= row || some.next != rows.size()) return Error::corrupt;
        row = some.next;
    }
    return {};
}

std::string_view what_of(Error error) {
    switch (error) {
        case Error::again:
            return "the knowledge base is not ready";
        case Error::timed_out:
            return "the knowledge base does not answer";
        case Error::corrupt:
            return "the rules' tree is not made of cores";
        default:
            return base::text(error);
    }
}

Result<Plan> ask_rules(console::Session& session, const Wanted& wanted, Reason& about) {
    Conversation skb(session, wanted.patience);
    Status begun = skb.begin();
    if (!begun.ok()) {
        about << "there is no knowledge base: " << base::text(begun.error());
        return begun.error();
    }
    TreeRows rows;
    Status read = read_rows(skb, wanted, rows, about);
    if (!read.ok()) {
        if (about.size() == 0) about << what_of(read.error());
        return read.error();
    }
    return plan_of({rows.begin(), rows.size()}, wanted.members, wanted.root, wanted.most_children, about);
}

}  // namespace

Result<Plan> choose_tree(console::Session& session, const Wanted& wanted, const urpc::group::Topology& topology,
                         const urpc::group::Variant& otherwise, Reason& about) {
    SKERRY_ASSERT(wanted.members.size() == topology.members.size() && wanted.root == topology.root);
    about.clear();
    auto plan = ask_rules(session, wanted, about);
    SKERRY_ASSERT(plan.ok() == (about.size() == 0));
    if (plan.ok()) return plan;
    return otherwise.plan(topology);
}

}  // namespace skerry::usr::group
