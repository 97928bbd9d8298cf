#include "usr/runtime/start_info.hpp"

#include <cstring>

namespace skerry::runtime {

base::Status pack_arguments(StartInfo& info, std::string_view name, std::span<const std::string_view> arguments) {
    if (arguments.size() > arguments_maximum || name.size() >= name_bytes) return base::Error::out_of_range;
    size_t bytes = 0;
    for (std::string_view argument : arguments) {
        if (argument.find('\0') != std::string_view::npos) return base::Error::out_of_range;
        if (argument.size() >= argument_bytes) return base::Error::out_of_range;
        bytes += argument.size() + 1;
    }
    if (bytes > argument_bytes) return base::Error::out_of_range;

    std::memset(info.name, 0, sizeof info.name);
    std::memcpy(info.name, name.data(), name.size());
    uint32_t at = 0;
    info.argument_count = 0;
    for (std::string_view argument : arguments) {
        info.argument_offset[info.argument_count++] = at;
        if (!argument.empty()) std::memcpy(info.text + at, argument.data(), argument.size());
        at += static_cast<uint32_t>(argument.size());
        info.text[at++] = '\0';
    }
    return {};
}

bool arguments_valid(const StartInfo& info) {
    if (info.argument_count > arguments_maximum) return false;
    if (std::memchr(info.name, 0, sizeof info.name) == nullptr) return false;
    for (uint32_t i = 0; i < info.argument_count; ++i) {
        uint32_t offset = info.argument_offset[i];
        if (offset >= argument_bytes) return false;
        if (std::memchr(info.text + offset, 0, argument_bytes - offset) == nullptr) return false;
    }
    return true;
}

}  // namespace skerry::runtime
