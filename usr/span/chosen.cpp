#include "usr/span/chosen.hpp"

#include <algorithm>
#include <charconv>

#include "platforms/base/bounded.hpp"
#include "urpc/protocols/knowledge.hpp"
#include "usr/console/bound.hpp"

namespace skerry::usr::span {

namespace knowledge = urpc::knowledge;
using base::CoreId;

namespace {

// The cores of the rows that came, which are in the order of their turns. False: that is no answer to what was asked.
bool take_rows(std::string_view text, base::Bounded<CoreId, members_maximum>& cores) {
    while (!text.empty()) {
        std::string_view row = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(row.size() + 1, text.size()));
        size_t tab = row.find('\t');
        if (tab == row.npos) return false;
        row.remove_prefix(tab + 1);
        uint32_t core = 0;
        auto [end, error] = std::from_chars(row.data(), row.data() + row.size(), core);
        if (error != std::errc{} || end == row.data() + row.size() || *end != '\t') return false;
        if (!cores.add(CoreId{core})) return true;  // more than a program can have
    }
    return true;
}

// Errors: not_found (they give none), corrupt (rows of something else), those of bind and call.
Status ask_rules(console::Session& session, CoreId from, base::Bounded<CoreId, members_maximum>& cores) {
    console::Bound<knowledge::Protocol> skb(session);
    SKERRY_CHECK(skb.bind("skb", 0));
    base::Buffer<80> goals;
    goals << "span_core(" << from << ", Turn, Core)";
    knowledge::Ask question{};
    question.goals = decltype(question.goals)::cut(goals.view());
    auto found = SKERRY_TRY(skb.call(question));
    if (found.error != Error::none) return found.error;
    for (uint32_t row = 0; row < found.rows && cores.size() < members_maximum;) {
        auto rows = SKERRY_TRY(skb.call(knowledge::Next{found.question, row}));
        if (rows.next <= row || !take_rows(rows.text.view(), cores)) return Error::corrupt;
        row = rows.next;
    }
    return cores.size() == 0 ? Error::not_found : Error::none;
}

Status all_online(console::Session& session, base::Bounded<CoreId, members_maximum>& cores) {
    for (uint32_t core = 0, machine = 1; core < machine; ++core) {
        auto info = SKERRY_TRY(session.monitor.ask(urpc::monitor::CoreStatus{CoreId{core}}));
        machine = info.core_count;
        bool online = info.state == urpc::monitor::CoreState::online;
        if (online && core != session.loop.program().core().value && !cores.add(CoreId{core})) break;
    }
    return {};
}

}  // namespace

Result<uint32_t> add_chosen(Span& span, console::Session& session, uint32_t count) {
    base::Bounded<CoreId, members_maximum> cores;
    if (!ask_rules(session, session.loop.program().core(), cores).ok()) {
        cores.clear();
        SKERRY_CHECK(all_online(session, cores));
    }
    for (CoreId core : cores) {
        if (count == 0) break;
        auto member = span.add(core);
        if (member.ok()) --count;
        // The rules may name ours, one that we have, or one that is not there any more.
        bool passed_over = member.error() == Error::exists || member.error() == Error::not_found;
        if (!member.ok() && !passed_over) return member.error();
    }
    return span.members();
}

}  // namespace skerry::usr::span
