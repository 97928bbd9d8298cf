// Words KEY=NUMBER in the line that a boot loader hands over.
#pragma once

#include <algorithm>
#include <charconv>
#include <string_view>

#include "platforms/base/result.hpp"

namespace skerry::base {

// The number of the first word that begins with `key` ("cores="). Errors: not_found, corrupt (no number), out_of_range.
inline Result<uint64_t> number_after(std::string_view line, std::string_view key) {
    while (!line.empty()) {
        std::string_view word = line.substr(0, line.find(' '));
        line.remove_prefix(std::min(word.size() + 1, line.size()));
        if (!word.starts_with(key)) continue;
        word.remove_prefix(key.size());
        uint64_t number = 0;
        auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (error == std::errc::result_out_of_range) return Error::out_of_range;
        if (error != std::errc{} || end != word.data() + word.size()) return Error::corrupt;
        return number;
    }
    return Error::not_found;
}

}  // namespace skerry::base
