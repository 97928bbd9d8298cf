// CRC-32 as in IEEE 802.3, gzip and Python's zlib.crc32: reflected polynomial 0xedb88320.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace skerry::image {

// Linear in the bytes. `previous` continues a checksum over an earlier part.
uint32_t crc32(std::span<const std::byte> data, uint32_t previous = 0);

}  // namespace skerry::image
