#include "usr/shell/key_reader.hpp"

#include <catch2/catch.hpp>

#include "usr/shell/utf8.hpp"

using namespace skerry::usr::shell;

namespace {
Key last(std::string_view bytes) {
    KeyReader reader;
    Key key = Key::none;
    for (char c : bytes) key = reader.feed(c);
    return key;
}
}  // namespace

TEST_CASE("escape sequences of common terminals", "[shell]") {
    CHECK(last("\x1b[H") == Key::home);
    CHECK(last("\x1bOF") == Key::end);
    CHECK(last("\x1b[1~") == Key::home);
    CHECK(last("\x1b[8~") == Key::end);
    CHECK(last("\x1b[3~") == Key::delete_);
    CHECK(last("\x1b[3;5~") == Key::delete_);
    CHECK(last("\x1b[1;5C") == Key::word_right);
    CHECK(last("\x1b[5~") == Key::none);
    CHECK(last("\x1b[<0;1;1M") == Key::none);
    CHECK(last("\x1b[15~x") == Key::character);
    CHECK(last("\x1b\x1b[A") == Key::up);
    CHECK(last("\x1b[12\x1b[A") == Key::up);
    CHECK(last("\x1b[1\x03") == Key::interrupt);
    CHECK(last("\x1b[99999999999999999999~") == Key::none);
    CHECK(last("\xc3\x03") == Key::interrupt);
}

TEST_CASE("UTF-8 in whole characters", "[shell]") {
    CHECK(last("\xc3") == Key::none);
    CHECK(last("\xc3\xa4") == Key::character);
    CHECK(last("\xe0\x80\x80") == Key::invalid);      // overlong
    CHECK(last("\xed\xa0\x80") == Key::invalid);      // surrogate
    CHECK(last("\xf4\x90\x80\x80") == Key::invalid);  // beyond U+10FFFF
    CHECK(last("\xc3\xc3\xa4") == Key::character);
    CHECK(utf8::decode("\xe2\x82\xac") == 0x20ac);
    CHECK(utf8::width(0x6f22) == 2);
    CHECK(utf8::width(0x301) == 0);
}
