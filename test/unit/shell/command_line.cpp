#include "usr/shell/command_line.hpp"

#include <catch2/catch.hpp>
#include <string>

using skerry::usr::shell::CommandLine;

namespace {
// "[word][word]&" or the error.
std::string parsed(std::string_view line) {
    CommandLine command;
    if (const char* wrong = command.parse(line)) return wrong;
    std::string text;
    for (std::string_view word : command.words()) text += "[" + std::string(word) + "]";
    return text + (command.background() ? "&" : "");
}
}  // namespace

TEST_CASE("words, quotes and background", "[shell]") {
    CHECK(parsed("") == "");
    CHECK(parsed("  \t ") == "");
    CHECK(parsed("oncore 3  hello") == "[oncore][3][hello]");
    CHECK(parsed("run 'a b' \"c 'd\" e\\ f ''") == "[run][a b][c 'd][e f][]");
    CHECK(parsed("a\"b\\\"c\"d 'e\\f'") == "[ab\"cd][e\\f]");
    CHECK(parsed("run spin &") == "[run][spin]&");
    CHECK(parsed("run spin&  ") == "[run][spin]&");
    CHECK(parsed("run 'a&' \\&") == "[run][a&][&]");
}

TEST_CASE("wrong lines are told in one line", "[shell]") {
    CHECK(parsed("run \"abc") == "missing closing \"");
    CHECK(parsed("run 'abc") == "missing closing '");
    CHECK(parsed("run \\") == "nothing after the last backslash");
    CHECK(parsed("&") == "& needs a command before it");
    CHECK(parsed("a & b") == "& may only end the line");
    CHECK(parsed("a & &") == "& may only end the line");
    CHECK(parsed("a\x01") == "control character in the line");
    std::string many;
    for (int i = 0; i < 21; ++i) many += "x ";
    CHECK(parsed(many) == "too many words (20 at most)");
    CHECK(parsed(many.substr(2)).size() == 60);
    CHECK(parsed(std::string(1025, 'x')) == "line too long (1024 bytes at most)");
}
