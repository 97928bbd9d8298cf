// Edits one line on a terminal that understands a few ECMA-48 sequences: bytes in, terminal output to a sink.
//
//   skerry> run a very long lin|          row 0      The line is broken by the editor itself at `columns`, so
//   the e that goes on and on_                row 1      picture is the same on any terminal that is at least
//   as wide.
//         ^ the terminal's cursor is at cursor_; every change is drawn from the first character that changed
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "usr/shell/completion.hpp"
#include "usr/shell/history.hpp"
#include "usr/shell/key_reader.hpp"
#include "usr/shell/sink.hpp"

namespace skerry::usr::shell {

class LineEditor {
  public:
    static constexpr size_t line_maximum = 1024;  // bytes
    static constexpr size_t history_lines = 32;
    enum class Event : uint8_t {
        none,
        line,       // Enter: line() is valid until the next start()
        interrupt,  // Ctrl-C: what was typed is gone
        end,        // Ctrl-D on an empty line
    };

    LineEditor(Sink& sink, CompletionSource* completion, uint32_t columns = 80)
        : sink_(sink), completion_(completion), columns_(columns) {}

    // Shows the prompt (ASCII, shorter than a row; must outlive the edit) and begins an empty line.
    void start(std::string_view prompt);
    Event feed(char byte);
    std::string_view line() const { return {text_, length_}; }
    bool empty() const { return length_ == 0; }
    size_t cursor() const { return cursor_; }  // in bytes
    // Draws prompt and line again, after something else has written to the terminal.
    void redraw();

  private:
    struct Place {
        uint32_t row = 0;
        uint32_t column = 0;
    };
    Event accept(Key key);
    void edit(Key key);
    void insert(std::string_view text);
    void erase(size_t from, size_t to);
    void move_to(size_t offset);
    void replace(std::string_view text);
    void older();
    void newer();
    void complete();
    void bell() { sink_.write("\a"); }

    size_t next(size_t offset) const;
    size_t previous(size_t offset) const;
    size_t word_start(size_t offset) const;
    size_t word_end(size_t offset) const;

    // Where the terminal's cursor stands before the character at `offset`.
    Place place(size_t offset) const;
    // The width of the character at `offset`, and whether it must go to the next row when it comes after
    // `at`.
    uint32_t width(size_t offset) const;
    bool breaks(Place at, uint32_t width) const { return at.column + width > columns_; }
    Place after(Place at, uint32_t width) const;
    void draw_from(size_t offset);  // the terminal's cursor stands there; leaves it at cursor_
    void clear_below() { sink_.write("\x1b[J"); }
    void go(Place from, Place to);
    void escape(uint32_t number, char final);

    Sink& sink_;
    CompletionSource* completion_;
    uint32_t columns_;
    std::string_view prompt_;
    KeyReader keys_;
    History<history_lines, line_maximum> history_;
    size_t steps_back_ = 0;    // into the history; 0 = the line being written
    size_t draft_length_ = 0;  // of that line, while an older one is shown
    size_t length_ = 0;
    size_t cursor_ = 0;
    char text_[line_maximum] = {};
    char draft_[line_maximum] = {};
};

}  // namespace skerry::usr::shell
