// As much of UTF-8 (RFC 3629) as a line editor needs: never cut a character in two, and know how wide it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace skerry::usr::shell::utf8 {

constexpr bool continuation(char c) {
    return (static_cast<uint8_t>(c) & 0xc0) == 0x80;
}

// Bytes of the character that starts with this byte; 0 if none starts so.
constexpr size_t length(char first) {
    auto byte = static_cast<uint8_t>(first);
    if (byte < 0x80) return 1;
    if (byte < 0xc2) return 0;  // a continuation byte, or an overlong two-byte form
    if (byte < 0xe0) return 2;
    if (byte < 0xf0) return 3;
    return byte < 0xf5 ? 4 : 0;
}

// The code point of a complete character; 0xfffd if it is none (overlong, surrogate, beyond U+10FFFF).
constexpr uint32_t decode(std::string_view character) {
    constexpr uint32_t invalid = 0xfffd;
    if (character.empty() || length(character[0]) != character.size()) return invalid;
    auto first = static_cast<uint8_t>(character[0]);
    if (character.size() == 1) return first;
    uint32_t code = first & (0x7f >> character.size());
    for (char c : character.substr(1)) {
        if (!continuation(c)) return invalid;
        code = code << 6 | (static_cast<uint8_t>(c) & 0x3f);
    }
    constexpr uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    bool surrogate = code >= 0xd800 && code < 0xe000;
    return code < least[character.size()] || surrogate || code > 0x10ffff ? invalid : code;
}

// Columns on a terminal: 0 for combining marks, 2 for East Asian wide characters and emoji, else 1.
constexpr uint32_t width(uint32_t code) {
    struct Range {
        uint32_t first, last;
    };
    constexpr Range zero[] = {{0x300, 0x36f}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
    constexpr Range wide[] = {{0x1100, 0x115f},   {0x2e80, 0xa4cf},  {0xac00, 0xd7a3}, {0xf900, 0xfaff},
                              {0xfe30, 0xfe6f},   {0xff00, 0xff60},  {0xffe0, 0xffe6}, {0x1f300, 0x1f64f},
                              {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
    for (Range range : zero) {
        if (code >= range.first && code <= range.last) return 0;
    }
    for (Range range : wide) {
        if (code >= range.first && code <= range.last) return 2;
    }
    return 1;
}

}  // namespace skerry::usr::shell::utf8
