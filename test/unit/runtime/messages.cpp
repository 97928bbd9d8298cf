// What crosses between domains: start information, exit messages, the inbox.
#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "usr/runtime/exit.hpp"
#include "usr/runtime/message.hpp"
#include "usr/runtime/start_info.hpp"

using namespace skerry;
using namespace skerry::runtime;

TEST_CASE("arguments are packed and found again", "[runtime]") {
    StartInfo info{};
    std::array<std::string_view, 3> arguments{"hello", "", "two words"};
    REQUIRE(pack_arguments(info, "hello", arguments).ok());
    REQUIRE(arguments_valid(info));
    REQUIRE(info.program_name() == "hello");
    REQUIRE(info.argument_count == 3);
    for (uint32_t i = 0; i < 3; ++i) REQUIRE(info.argument(i) == arguments[i]);
    REQUIRE(info.argument(3) == "");
}

TEST_CASE("arguments that do not fit are refused whole", "[runtime]") {
    StartInfo info{};
    std::string_view one[] = {"x"};
    REQUIRE(pack_arguments(info, "before", one).ok());
    std::string exact(1023, 'a'), over(1024, 'a'), name(32, 'n');
    std::string_view fits[] = {exact}, does_not[] = {over}, both[] = {exact, ""},
                     zero[] = {std::string_view("a\0b", 3)};
    std::array<std::string_view, 17> many{};
    REQUIRE(pack_arguments(info, "p", does_not).error() == base::Error::out_of_range);
    REQUIRE(pack_arguments(info, "p", both).error() == base::Error::out_of_range);
    REQUIRE(pack_arguments(info, "p", zero).error() == base::Error::out_of_range);
    REQUIRE(pack_arguments(info, "p", many).error() == base::Error::out_of_range);
    REQUIRE(pack_arguments(info, name, one).error() == base::Error::out_of_range);
    REQUIRE(info.program_name() == "before");
    REQUIRE(pack_arguments(info, "p", fits).ok());
    REQUIRE(info.argument(0) == exact);
}

TEST_CASE("arguments of a broken spawner are not believed", "[runtime]") {
    StartInfo info{};
    std::string_view one[] = {"x"};
    REQUIRE(pack_arguments(info, "p", one).ok());
    info.argument_offset[0] = 1024;
    REQUIRE(!arguments_valid(info));
    info.argument_offset[0] = 1000;
    for (uint32_t i = 1000; i < 1024; ++i) info.text[i] = 'x';
    REQUIRE(!arguments_valid(info));
    info.argument_count = 17;
    REQUIRE(!arguments_valid(info));
}

TEST_CASE("an exit message keeps its meaning and reads as one line", "[runtime]") {
    auto line = [](const ExitMessage& sent) {
        ExitMessage got;
        REQUIRE(decode(encode(sent), got));
        REQUIRE(got.status == sent.status);
        base::Buffer<120> text;
        describe(got, text);
        return std::string(text.view());
    };
    REQUIRE(line({.status = 3}) == "");
    REQUIRE(line({.status = 134, .access = 2, .reason = ExitReason::page_fault, .detail = {0x10, 0x400123}}) ==
            "page fault (write) at 0x10, ip 0x400123");
    REQUIRE(line({.reason = ExitReason::stack_overflow, .detail = {0x41bff8, 0x400200}}) ==
            "stack overflow at 0x41bff8, ip 0x400200");
    REQUIRE(line({.reason = ExitReason::exception, .detail = {uint64_t{13} << 32 | 8, 0x400000}}) ==
            "general protection fault (error 0x8), ip 0x400000");
    REQUIRE(line({.reason = ExitReason::system_call, .detail = {39, 0x400000}}) ==
            "foreign system call 39, ip 0x400000");
    ExitMessage assertion{.reason = ExitReason::assertion, .detail = {12, 0}};
    assertion.set_text("/a/very/long/path/that/does/not/fit/into/forty/bytes/usr/hello/main.cpp");
    REQUIRE(line(assertion) == "assertion failed at /fit/into/forty/bytes/usr/hello/main.cpp:12");
    ExitMessage got;
    REQUIRE(!decode(ExitWords{1}, got));
    REQUIRE(!decode(ExitWords{exit_opcode, 0, 99}, got));
}

TEST_CASE("a flooding sender loses its own messages, others' arrive", "[runtime]") {
    Inbox inbox;
    Message flood{.token = 0, .badge = 5}, other{.token = 0, .badge = 9};
    for (uint64_t i = 0; i < 40; ++i) {
        flood.word[0] = i;
        (void)inbox.put(flood);
    }
    REQUIRE(flood.word[0] == 38);  // the one that had to go
    REQUIRE(inbox.count() == Inbox::per_sender);
    REQUIRE(inbox.dropped() == 40 - Inbox::per_sender);
    REQUIRE(inbox.put(other) == Inbox::Put::stored);
    Message out;
    REQUIRE(inbox.take([](const Message& m) { return m.badge == 9; }, out));
    REQUIRE(out.badge == 9);
    REQUIRE(!inbox.take([](const Message& m) { return m.badge == 9; }, out));
    uint64_t last = 0;
    while (inbox.take([](const Message& m) { return m.badge == 5; }, out)) last = out.word[0];
    REQUIRE(last == 39);
}

TEST_CASE("several that flood the inbox keep nobody out", "[runtime]") {
    Inbox inbox;
    for (uint64_t i = 0; i < 40; ++i) {
        for (uint64_t badge = 10; badge < 16; ++badge) {
            Message flood{.token = 0, .badge = badge, .word = {i}};
            (void)inbox.put(flood);
        }
    }
    REQUIRE(inbox.count() == Inbox::capacity);
    REQUIRE(!inbox.nearly_full());
    Message answer{.token = 0, .badge = 2, .word = {77}}, out;
    REQUIRE(inbox.put(answer) == Inbox::Put::dropped);
    REQUIRE(answer.badge >= 10);  // one of theirs had to go
    REQUIRE(inbox.take([](const Message& m) { return m.badge == 2; }, out));
    REQUIRE(out.word[0] == 77);
    for (uint64_t badge = 10; badge < 16; ++badge) {
        uint64_t last = 0;
        while (inbox.take([&](const Message& m) { return m.badge == badge; }, out)) last = out.word[0];
        REQUIRE(last == 39);  // its end would be heard
    }
}

TEST_CASE("the inbox keeps the order and says when it is full", "[runtime]") {
    Inbox inbox;
    for (uint64_t i = 0; i < Inbox::capacity; ++i) {
        Message message{.token = 0, .badge = i, .word = {i}};
        REQUIRE(inbox.put(message) == Inbox::Put::stored);
    }
    REQUIRE(inbox.nearly_full());
    Message out{.token = 1};
    REQUIRE(inbox.put(out) == Inbox::Put::full);
    for (uint64_t i = 0; i < Inbox::capacity; ++i) {
        REQUIRE(inbox.take([](const Message&) { return true; }, out));
        REQUIRE(out.word[0] == i);
    }
}
