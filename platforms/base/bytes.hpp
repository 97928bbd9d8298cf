// Bytes that somebody else wrote: little-endian fields at any alignment, and no read outside the span.
// Callers ask holds() first and report what is wrong; an access without that question is a bug and asserts.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "platforms/base/assert.hpp"

namespace skerry::base {

static_assert(std::endian::native == std::endian::little, "every supported ISA is little-endian");

class Bytes {
  public:
    constexpr Bytes() = default;
    constexpr Bytes(std::span<const std::byte> data) : data_(data) {}

    constexpr uint64_t size() const { return data_.size(); }
    constexpr std::span<const std::byte> span() const { return data_; }

    // Whether [offset, offset + size) lies inside; no sum that could wrap.
    constexpr bool holds(uint64_t offset, uint64_t size) const {
        return offset <= data_.size() && size <= data_.size() - offset;
    }

    template <std::unsigned_integral N>
    N get(uint64_t offset) const {
        SKERRY_ASSERT(holds(offset, sizeof(N)));
        N value;
        __builtin_memcpy(&value, data_.data() + offset, sizeof(N));
        return value;
    }

    Bytes part(uint64_t offset, uint64_t size) const {
        SKERRY_ASSERT(holds(offset, size));
        return data_.subspan(offset, size);
    }

    // The characters up to the first NUL, or all if there is none (then the view is as long as the bytes).
    std::string_view text() const {
        uint64_t length = 0;
        while (length < data_.size() && data_[length] != std::byte{0}) ++length;
        return {reinterpret_cast<const char*>(data_.data()), static_cast<size_t>(length)};
    }

  private:
    std::span<const std::byte> data_;
};

}  // namespace skerry::base
