// The line editor on a terminal model: what is on the screen is what is in the line, whatever was typed.
#include "usr/shell/line_editor.hpp"

#include <random>
#include <vector>

#include "test/unit/shell/terminal.hpp"

using namespace skerry;
using test::Terminal;
using usr::shell::Candidates;
using usr::shell::LineEditor;
using Event = LineEditor::Event;

namespace {

struct Words final : usr::shell::CompletionSource {
    void candidates(std::string_view before, Candidates& out) override {
        if (before.empty()) {
            for (const char* name : {"cores", "caps", "help", "oncore", "reboot"}) out.add(name);
        } else {
            for (uint64_t core = 0; core < 12; ++core) out.add_number(core);
        }
    }
};

struct Fixture {
    explicit Fixture(size_t columns = 40)
        : terminal(columns), editor(terminal, &words, static_cast<uint32_t>(columns)) {
        editor.start("> ");
    }
    Event type(std::string_view keys) {
        Event last = Event::none;
        for (char c : keys) last = editor.feed(c);
        return last;
    }
    // The screen, from row 0 on, must show prompt and line with the cursor in its place.
    void check() {
        std::vector<std::string> rows{"> "};
        size_t columns = 2, row = 0, column = 2;
        std::string_view line = editor.line();
        for (size_t i = 0; i <= line.size();) {
            if (i == editor.cursor()) row = rows.size() - 1, column = columns;
            if (i == line.size()) break;
            size_t length = usr::shell::utf8::length(line[i]);
            uint32_t width = usr::shell::utf8::width(usr::shell::utf8::decode(line.substr(i, length)));
            if (columns + width > limit) rows.emplace_back(), columns = 0;
            rows.back() += line.substr(i, length);
            columns += width;
            i += length;
            if (columns == limit) rows.emplace_back(), columns = 0;
        }
        for (size_t r = 0; r < 24; ++r) {
            std::string wanted = r < rows.size() ? rows[r] : "";
            while (!wanted.empty() && wanted.back() == ' ') wanted.pop_back();
            REQUIRE(terminal.row(r) == wanted);
        }
        REQUIRE(terminal.row_at() == row);
        REQUIRE(terminal.column_at() == column);
    }
    size_t limit = 40;
    Words words;
    Terminal terminal;
    LineEditor editor;
};

}  // namespace

TEST_CASE("typing, moving and erasing", "[shell]") {
    Fixture f;
    f.type("hello world");
    CHECK(f.editor.line() == "hello world");
    f.type(
        "\x01"
        "X\x05Y");
    CHECK(f.editor.line() == "Xhello worldY");
    f.type("\x1b[D\x1b[D\x7f");  // left, left, backspace
    CHECK(f.editor.line() == "Xhello wordY");
    f.type("\x1b[3~");
    CHECK(f.editor.line() == "Xhello worY");
    f.type("\x17");  // Ctrl-W
    CHECK(f.editor.line() == "Xhello Y");
    f.type("\x1b[1;5D\x0b");  // Ctrl-left, Ctrl-K
    CHECK(f.editor.line() == "");
    f.type(
        "one two three\x1b"
        "b\x15");  // Alt-b, Ctrl-U
    CHECK(f.editor.line() == "three");
    f.check();
    CHECK(f.type("\r") == Event::line);
    CHECK(f.editor.line() == "three");
    CHECK(f.editor.feed('\n') == Event::none);  // belongs to the \r
    f.editor.start("> ");
    CHECK(f.editor.feed('\n') == Event::line);
}

TEST_CASE("control keys end, interrupt, clear", "[shell]") {
    Fixture f;
    CHECK(f.type("\x04") == Event::end);
    f.type("abc\x01\x04");
    CHECK(f.editor.line() == "bc");
    f.type("\x0c");
    f.check();
    CHECK(f.type("\x03") == Event::interrupt);
    CHECK(f.editor.empty());
    CHECK(f.terminal.row(0) == "> bc^C");
}

TEST_CASE("history goes up and down and keeps the draft", "[shell]") {
    Fixture f;
    for (const char* line : {"first\n", "second\n", "second\n", "\n"}) {
        f.type(line);
        f.editor.start("> ");
    }
    f.type("dra");
    f.type("\x1b[A");
    CHECK(f.editor.line() == "second");
    f.type("\x1bOA");
    CHECK(f.editor.line() == "first");
    size_t bells = f.terminal.bells;
    f.type("\x1b[A");
    CHECK(f.terminal.bells == bells + 1);
    f.type("\x1b[B\x1b[B");
    CHECK(f.editor.line() == "dra");
    f.type("\x1b[B");
    CHECK(f.terminal.bells == bells + 2);
}

TEST_CASE("completion of unique, common and many", "[shell]") {
    Fixture f;
    f.type("h\t");
    CHECK(f.editor.line() == "help ");
    f.type(
        "\x15"
        "c\t");
    CHECK(f.editor.line() == "c");
    CHECK(f.terminal.all() == "> c|cores  caps|> c|");
    f.type("o\t1\t");
    CHECK(f.editor.line() == "cores 1");
    CHECK(f.terminal.all() == "> c|cores  caps|> cores 1|1   10  11|> cores 1|");
    size_t bells = f.terminal.bells;
    f.type("x\t");
    CHECK(f.terminal.bells == bells + 1);
}

TEST_CASE("UTF-8 is never cut", "[shell]") {
    Fixture f;
    f.type("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z");  // a, umlaut, euro, emoji, z
    f.check();
    f.type("\x1b[D\x7f");
    CHECK(f.editor.line() == "a\xc3\xa4\xe2\x82\xacz");
    f.type("\x01\x1b[C\x1b[3~");
    CHECK(f.editor.line() == "a\xe2\x82\xacz");
    f.check();
    size_t bells = f.terminal.bells;
    f.type("\xff\x80\xc0");
    f.type("\xe2\x28");  // cut short: only the ( stays
    CHECK(f.editor.line() == "a(\xe2\x82\xacz");
    CHECK(f.terminal.bells == bells + 3);
    f.check();
}

TEST_CASE("a line is bounded", "[shell]") {
    Fixture f(80);
    f.limit = 80;
    for (size_t i = 0; i < LineEditor::line_maximum; ++i) f.type("x");
    CHECK(f.terminal.bells == 0);
    f.type("y");
    CHECK(f.terminal.bells == 1);
    CHECK(f.editor.line().size() == LineEditor::line_maximum);
    f.check();
}

TEST_CASE("after any keys the screen shows the line", "[shell]") {
    const std::vector<std::string> keys = {"a",
                                           "b",
                                           " ",
                                           "word ",
                                           "\xc3\xa9",
                                           "\xe6\xbc\xa2",
                                           "\xf0\x9f\x98\x80",
                                           "\x7f",
                                           "\x7f",
                                           "\x1b[3~",
                                           "\x1b[D",
                                           "\x1b[C",
                                           "\x1b[D\x1b[D\x1b[D",
                                           "\x01",
                                           "\x05",
                                           "\x17",
                                           "\x1b"
                                           "b",
                                           "\x1b"
                                           "f",
                                           "\x1b"
                                           "d",
                                           "\x1b[1;5C",
                                           "\x1b[9;9~",
                                           "\x1bOH",
                                           "some longer text without a purpose",
                                           "\x0b",
                                           "\x15",
                                           "\x0c",
                                           "\x1b[A",
                                           "\x1b[B",
                                           "\xff",
                                           "\x1b[Z",
                                           "\x0f"};
    for (uint32_t seed = 1; seed <= 30; ++seed) {
        size_t columns = seed % 3 == 0 ? 17 : 40;
        Fixture f(columns);
        f.limit = columns;
        std::mt19937 random(seed);
        f.type("an older line that is longer than one row of this terminal\n");
        f.editor.start("> ");
        f.type("\x0c");
        for (int step = 0; step < 400; ++step) {
            const std::string& key = keys[random() % keys.size()];
            if (f.editor.line().size() > 200) f.type("\x15\x0b");
            f.type(key);
            f.check();
        }
    }
}
