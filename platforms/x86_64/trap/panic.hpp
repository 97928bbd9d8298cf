#pragma once

#include <cstdint>
#include <string_view>

namespace skerry::platform {

[[noreturn]] void panic(std::string_view reason);
void name_core_for_panic(uint32_t core);

}  // namespace skerry::platform
