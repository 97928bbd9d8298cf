#include "usr/shell/frame_reader.hpp"

#include "platforms/base/assert.hpp"

namespace skerry::usr::shell {

namespace {
bool hex_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}
}  // namespace

FrameReader::Event FrameReader::feed(char byte) {
    switch (state_) {
        case State::idle:
            SKERRY_ASSERT(byte == mark);
            held_[0] = byte;
            held_length_ = 1;
            length_ = 0;
            cut_ = false;
            state_ = State::token;
            return Event::none;
        case State::token:
            return in_token(byte);
        case State::command:
            break;
    }
    if (byte == '\n' || byte == '\r') {
        state_ = State::idle;
        return cut_ ? Event::too_long : Event::command;
    }
    if (length_ == command_maximum) {
        cut_ = true;
    } else {
        command_[length_++] = byte;
    }
    return Event::none;
}

FrameReader::Event FrameReader::in_token(char byte) {
    SKERRY_ASSERT(held_length_ < sizeof(held_));
    bool whole = held_length_ == 1 + token_size;
    held_[held_length_++] = byte;
    if (whole ? byte == ' ' : hex_digit(byte)) {
        if (whole) state_ = State::command;
        return Event::none;
    }
    state_ = State::idle;
    return Event::replay;
}

void frame_begin(base::Text& out, std::string_view token) {
    out << "\x1b]skerry;begin;" << token << '\a';
}

void frame_end(base::Text& out, std::string_view token, uint32_t status) {
    out << "\x1b]skerry;end;" << token << ';' << status << '\a';
}

}  // namespace skerry::usr::shell
