#include "platforms/base/format.hpp"

namespace skerry::base {

Text& Text::operator<<(std::string_view text) {
    for (char c : text) {
        if (length_ == buffer_.size()) {
            cut_ = true;
            return *this;
        }
        buffer_[length_++] = c;
    }
    return *this;
}

Text& Text::decimal(uint64_t number) {
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0);
    while (count != 0) *this << digits[--count];
    return *this;
}

Text& Text::operator<<(Hex hex) {
    *this << "0x";
    int shift = 60;
    while (shift > 0 && (hex.value >> shift) == 0) shift -= 4;
    for (; shift >= 0; shift -= 4) *this << "0123456789abcdef"[(hex.value >> shift) & 15];
    return *this;
}

Text& Text::pad(size_t from, size_t width) {
    while (length_ - from < width && !cut_) *this << ' ';
    return *this;
}

}  // namespace skerry::base
