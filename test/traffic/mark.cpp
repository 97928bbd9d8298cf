#include "test/traffic/mark.hpp"

#include <cstring>

namespace skerry::traffic {

std::optional<Mark> mark_of(const uint8_t* bytes, uint64_t size) {
    constexpr uint8_t long_nop[] = {0x0f, 0x1f, 0x84, 0x00};
    constexpr uint32_t first = 0x536b'7901;
    if (size != sizeof long_nop + sizeof first || std::memcmp(bytes, long_nop, sizeof long_nop) != 0) return {};
    uint32_t number = 0;
    std::memcpy(&number, bytes + sizeof long_nop, sizeof number);
    if (number - first >= static_cast<uint32_t>(Mark::count_)) return {};
    return static_cast<Mark>(number - first);
}

}  // namespace skerry::traffic
