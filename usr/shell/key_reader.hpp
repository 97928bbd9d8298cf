// Bytes of a terminal in, keys out: control characters, escape sequences (ECMA-48, xterm's and VT220's keys)
// and whole UTF-8 characters. What is not understood is swallowed, never shown.
#pragma once

#include <cstdint>
#include <string_view>

namespace skerry::usr::shell {

enum class Key : uint8_t {
    none,     // nothing yet: a sequence goes on, or it was ignored
    invalid,  // a byte that is no UTF-8
    character,
    enter,
    tab,
    backspace,
    delete_,
    left,
    right,
    up,
    down,
    home,
    end,
    word_left,
    word_right,
    erase_word_left,
    erase_word_right,
    erase_to_end,
    erase_to_start,
    clear_screen,
    interrupt,      // Ctrl-C
    delete_or_end,  // Ctrl-D
};

class KeyReader {
  public:
    Key feed(char byte);
    // The bytes of the last Key::character.
    std::string_view character() const { return {character_, length_}; }

  private:
    enum class State : uint8_t { plain, escape, bracket, escape_o, character };
    Key plain(char byte);
    Key control(char byte);
    Key escaped(char byte);
    Key bracket(char byte);
    Key cursor_key(char final, bool modified);
    Key continued(char byte);

    State state_ = State::plain;
    bool after_return_ = false;  // a \n right after \r belongs to it
    bool modified_ = false;      // a second parameter: Ctrl, Alt or Shift with the key
    uint32_t parameter_ = 0;
    uint8_t length_ = 0;
    uint8_t wanted_ = 0;
    char character_[4] = {};
};

}  // namespace skerry::usr::shell
