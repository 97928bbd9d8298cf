#include "usr/shell/key_reader.hpp"

#include "usr/shell/utf8.hpp"

namespace skerry::usr::shell {

Key KeyReader::feed(char byte) {
    bool follows_return = after_return_;
    after_return_ = false;
    if (byte == '\n' && follows_return) return Key::none;
    // A control character ends any unfinished sequence: otherwise a broken one could swallow Ctrl-C.
    if (static_cast<uint8_t>(byte) < 0x20 && byte != 0x1b) {
        state_ = State::plain;
        return control(byte);
    }
    switch (state_) {
        case State::plain:
            return plain(byte);
        case State::escape:
            return escaped(byte);
        case State::bracket:
            return bracket(byte);
        case State::escape_o:
            state_ = State::plain;
            return cursor_key(byte, false);
        case State::character:
            return continued(byte);
    }
    return Key::none;
}

Key KeyReader::plain(char byte) {
    if (byte == 0x1b) {
        state_ = State::escape;
        return Key::none;
    }
    if (byte == 0x7f) return Key::backspace;
    wanted_ = static_cast<uint8_t>(utf8::length(byte));
    if (wanted_ == 0) return Key::invalid;
    character_[0] = byte;
    length_ = 1;
    if (wanted_ == 1) return Key::character;
    state_ = State::character;
    return Key::none;
}

Key KeyReader::continued(char byte) {
    if (!utf8::continuation(byte)) {  // cut short: drop it and begin anew with this byte
        state_ = State::plain;
        return plain(byte);
    }
    character_[length_++] = byte;
    if (length_ < wanted_) return Key::none;
    state_ = State::plain;
    return utf8::decode(character()) == 0xfffd ? Key::invalid : Key::character;
}

Key KeyReader::control(char byte) {
    switch (byte) {
        case 0x01:
            return Key::home;
        case 0x02:
            return Key::left;
        case 0x03:
            return Key::interrupt;
        case 0x04:
            return Key::delete_or_end;
        case 0x05:
            return Key::end;
        case 0x06:
            return Key::right;
        case 0x08:
            return Key::backspace;
        case '\t':
            return Key::tab;
        case '\n':
            return Key::enter;
        case 0x0b:
            return Key::erase_to_end;
        case 0x0c:
            return Key::clear_screen;
        case '\r':
            after_return_ = true;
            return Key::enter;
        case 0x0e:
            return Key::down;
        case 0x10:
            return Key::up;
        case 0x15:
            return Key::erase_to_start;
        case 0x17:
            return Key::erase_word_left;
        default:
            return Key::none;
    }
}

Key KeyReader::escaped(char byte) {
    state_ = State::plain;
    parameter_ = 0;
    modified_ = false;
    switch (byte) {
        case '[':
            state_ = State::bracket;
            return Key::none;
        case 'O':
            state_ = State::escape_o;
            return Key::none;
        case 0x1b:
            state_ = State::escape;
            return Key::none;
        case 'b':
            return Key::word_left;
        case 'f':
            return Key::word_right;
        case 'd':
            return Key::erase_word_right;
        case 0x7f:
            return Key::erase_word_left;
        default:
            return Key::none;
    }
}

// ESC [ parameters (0x30..0x3f) intermediates (0x20..0x2f) final (0x40..0x7e)
Key KeyReader::bracket(char byte) {
    if (byte >= '0' && byte <= '9') {
        if (!modified_ && parameter_ < 1000) parameter_ = parameter_ * 10 + static_cast<uint32_t>(byte - '0');
        return Key::none;
    }
    if (byte == ';') modified_ = true;
    if (byte >= 0x20 && byte < 0x40) return Key::none;
    state_ = State::plain;
    if (byte == 0x1b) return plain(byte);
    if (byte != '~') return cursor_key(byte, modified_);
    switch (parameter_) {
        case 1:
        case 7:
            return Key::home;
        case 3:
            return Key::delete_;
        case 4:
        case 8:
            return Key::end;
        default:
            return Key::none;
    }
}

Key KeyReader::cursor_key(char final, bool modified) {
    switch (final) {
        case 'A':
            return Key::up;
        case 'B':
            return Key::down;
        case 'C':
            return modified ? Key::word_right : Key::right;
        case 'D':
            return modified ? Key::word_left : Key::left;
        case 'H':
            return Key::home;
        case 'F':
            return Key::end;
        default:
            return Key::none;
    }
}

}  // namespace skerry::usr::shell
