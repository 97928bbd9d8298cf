#include "platforms/image/crc32.hpp"

#include <array>

namespace skerry::image {
namespace {

constexpr std::array<uint32_t, 256> make_table() {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0xedb88320u : 0);
        table[i] = value;
    }
    return table;
}
constexpr auto table = make_table();

}  // namespace

uint32_t crc32(std::span<const std::byte> data, uint32_t previous) {
    uint32_t value = ~previous;
    for (std::byte b : data) value = table[(value ^ static_cast<uint32_t>(b)) & 0xff] ^ (value >> 8);
    return ~value;
}

}  // namespace skerry::image
