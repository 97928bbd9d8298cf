#include "usr/drivers/chooser.hpp"

namespace skerry::usr::drivers {

using base::CoreId;
using base::Error;
using base::Result;
namespace knowledge = urpc::knowledge;

Result<CoreId> Chooser::core_for(uint32_t source) {
    if (!skb_.open()) SKERRY_CHECK(skb_.bind("skb", 0));
    base::Buffer<80> goals;
    goals << "route(" << source << ", Core, _)";
    knowledge::Ask question{};
    question.goals = decltype(question.goals)::cut(goals.view());
    auto found = SKERRY_TRY(skb_.call(question));
    if (found.error != Error::none) return found.error;
    if (found.rows == 0) return Error::not_found;
    auto rows = SKERRY_TRY(skb_.call(knowledge::Next{found.question, 0}));
    std::string_view text = rows.text.view();
    uint32_t core = 0, digits = 0;
    for (char c : text.substr(0, text.find('\t'))) {
        if (c < '0' || c > '9' || digits++ == 6) return Error::corrupt;
        core = core * 10 + static_cast<uint32_t>(c - '0');
    }
    return digits == 0 ? Result<CoreId>{Error::corrupt} : Result<CoreId>{CoreId{core}};
}

}  // namespace skerry::usr::drivers
