#include "usr/init/boot_cores.hpp"

#include <algorithm>
#include <charconv>

namespace skerry::init {

base::Result<uint32_t> cores_at_boot(std::string_view line, uint32_t all) {
    constexpr std::string_view key = "online=";
    while (!line.empty()) {
        std::string_view word = line.substr(0, line.find(' '));
        line.remove_prefix(std::min(word.size() + 1, line.size()));
        if (!word.starts_with(key)) continue;
        word.remove_prefix(key.size());
        uint32_t number = 0;
        auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (error == std::errc::result_out_of_range) return base::Error::out_of_range;
        if (error != std::errc{} || end != word.data() + word.size()) return base::Error::corrupt;
        if (number == 0 || number > all) return base::Error::out_of_range;
        return number;
    }
    return all;
}

}  // namespace skerry::init
