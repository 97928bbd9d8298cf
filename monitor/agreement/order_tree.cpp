#include "monitor/agreement/order_tree.hpp"

namespace skerry::monitor::agreement {

using base::CoreId;
using base::Error;
using base::Result;

Result<OrderTree> OrderTree::of(std::span<const uint8_t> bytes) {
    if (bytes.size() % 2 != 0 || bytes.size() > 2 * most) return Error::corrupt;
    OrderTree tree;
    tree.bytes_ = bytes;
    // Those in whose part we are, the innermost last: where it ends, and which core it is below.
    struct Open {
        uint32_t end = 0;
        uint32_t core = 0;
    };
    std::array<Open, most + 1> open;
    open[0] = {tree.size(), 0};
    CoreSet seen;
    for (uint32_t i = 0, depth = 0; i < tree.size(); ++i) {
        while (depth != 0 && open[depth].end == i) --depth;
        CoreId core = tree.core(i);
        uint32_t end = i + 1 + tree.below(i);
        if (end > open[depth].end || seen.contains(core)) return Error::corrupt;
        if (depth != 0 && core.value < open[depth].core) return Error::corrupt;
        seen.add(core);
        if (tree.below(i) != 0) open[++depth] = {end, core.value};
    }
    return tree;
}

bool OrderTree::over(const CoreSet& members, std::span<uint8_t> out) const {
    SKERRY_ASSERT(out.size() >= 2 * members.size());
    std::array<uint8_t, most + 1> before{};  // how many of the first so many are members
    for (uint32_t i = 0; i < size(); ++i) {
        before[i + 1] = static_cast<uint8_t>(before[i] + (members.contains(core(i)) ? 1 : 0));
    }
    if (before[size()] != members.size()) return false;
    for (uint32_t i = 0, used = 0; i < size(); ++i) {
        if (!members.contains(core(i))) continue;
        out[used++] = static_cast<uint8_t>(core(i).value);
        out[used++] = static_cast<uint8_t>(before[i + 1 + below(i)] - before[i + 1]);
    }
    return true;
}

}  // namespace skerry::monitor::agreement
