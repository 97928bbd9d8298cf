#include "usr/shell/frame_reader.hpp"

#include <catch2/catch.hpp>
#include <string>

using skerry::usr::shell::FrameReader;
using Event = FrameReader::Event;

namespace {
Event feed(FrameReader& reader, std::string_view bytes) {
    Event last = Event::none;
    for (char c : bytes) {
        REQUIRE(last == Event::none);
        last = reader.feed(c);
    }
    return last;
}
}  // namespace

TEST_CASE("a framed command is taken without a word", "[shell]") {
    FrameReader reader;
    CHECK_FALSE(reader.active());
    CHECK(feed(reader,
               "\x01"
               "0123456789abcdef oncore 3 hello\n") == Event::command);
    CHECK(reader.token() == "0123456789abcdef");
    CHECK(reader.command() == "oncore 3 hello");
    CHECK_FALSE(reader.active());
    CHECK(feed(reader,
               "\x01"
               "ffffffffffffffff \n") == Event::command);
    CHECK(reader.command().empty());
}

TEST_CASE("Ctrl-A of a person goes back to the editor", "[shell]") {
    FrameReader reader;
    CHECK(feed(reader, "\x01h") == Event::replay);
    CHECK(reader.held() == "\x01h");
    CHECK(feed(reader,
               "\x01"
               "cap") == Event::replay);  // c and a are hex digits, p is not
    CHECK(reader.held() ==
          "\x01"
          "cap");
}

TEST_CASE("a framed command that is too long is told so", "[shell]") {
    FrameReader reader;
    std::string line =
        "\x01"
        "0123456789abcdef " +
        std::string(5000, 'x') + "\n";
    CHECK(feed(reader, line) == Event::too_long);
    CHECK(reader.token() == "0123456789abcdef");
    CHECK(feed(reader,
               "\x01"
               "0123456789abcdef help\n") == Event::command);
    CHECK(reader.command() == "help");
}

TEST_CASE("frames around the output", "[shell]") {
    skerry::base::Buffer<80> text;
    skerry::usr::shell::frame_begin(text, "0123456789abcdef");
    CHECK(text.view() == "\x1b]skerry;begin;0123456789abcdef\a");
    text.clear();
    skerry::usr::shell::frame_end(text, "0123456789abcdef", 134);
    CHECK(text.view() == "\x1b]skerry;end;0123456789abcdef;134\a");
}
