#include "usr/group/rows_text.hpp"

namespace skerry::usr::group {

using base::Error;
using base::Result;
using base::Status;

namespace {

// Takes one off the text's front, with the tab behind it.
Result<uint32_t> take_number(std::string_view& text) {
    uint64_t value = 0;
    size_t digits = 0;
    for (; digits < text.size() && text[digits] != '\t'; ++digits) {
        if (text[digits] < '0' || text[digits] > '9') return Error::corrupt;
        value = value * 10 + static_cast<uint64_t>(text[digits] - '0');
        if (value > UINT32_MAX) return Error::corrupt;
    }
    if (digits == 0 || digits == text.size()) return Error::corrupt;
    text.remove_prefix(digits + 1);
    return static_cast<uint32_t>(value);
}

}  // namespace

Status add_rows(std::string_view text, TreeRows& rows) {
    while (!text.empty()) {
        urpc::group::TreeRow row{};
        for (uint32_t* part : {&row.parent, &row.child, &row.turn}) *part = SKERRY_TRY(take_number(text));
        if (text.empty() || text[0] != '\n') return Error::corrupt;
        text.remove_prefix(1);
        if (!rows.add(row)) return Error::full;
    }
    return {};
}

}  // namespace skerry::usr::group
