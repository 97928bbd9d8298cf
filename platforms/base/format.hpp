// A small formatter into a caller's buffer: no allocation, no locale, the same on every world.
// A full buffer cuts the text short and remembers that it did.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>

#include "platforms/base/ids.hpp"

namespace skerry::base {

struct Hex {  // printed as 0x... without leading zeros
    uint64_t value;
};

class Text {
  public:
    explicit Text(std::span<char> buffer) : buffer_(buffer) {}

    Text& operator<<(std::string_view text);
    Text& operator<<(const char* text) { return *this << std::string_view(text); }
    Text& operator<<(char c) { return *this << std::string_view(&c, 1); }
    Text& operator<<(Hex hex);
    Text& operator<<(bool) = delete;
    template <std::unsigned_integral N>
    Text& operator<<(N number) {
        return decimal(number);
    }
    template <std::signed_integral N>
    Text& operator<<(N number) {
        if (number < 0) return (*this << '-').decimal(0 - static_cast<uint64_t>(number));
        return decimal(static_cast<uint64_t>(number));
    }
    template <typename Tag, typename Rep>
    Text& operator<<(Strong<Tag, Rep> strong) {
        return *this << strong.value;
    }
    // Pads with blanks so that what was written since `from` is at least `width` characters wide.
    Text& pad(size_t from, size_t width);

    std::string_view view() const { return {buffer_.data(), length_}; }
    size_t size() const { return length_; }
    bool cut() const { return cut_; }
    void clear() { length_ = 0, cut_ = false; }

  private:
    Text& decimal(uint64_t number);
    std::span<char> buffer_;
    size_t length_ = 0;
    bool cut_ = false;
};

// Text with its own storage of N characters.
template <size_t N>
class Buffer : public Text {
  public:
    Buffer() : Text(std::span<char>(storage_, N)) {}
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

  private:
    char storage_[N];
};

}  // namespace skerry::base
