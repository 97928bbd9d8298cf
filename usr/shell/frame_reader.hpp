// The launcher's commands on the serial line (`./skerry boot --run`):
//
//   launcher -> shell   \x01 TOKEN(16 hex digits) ' ' COMMAND \n
//   shell -> launcher   ESC ] skerry;begin;TOKEN BEL   output untouched   ESC ] skerry;end;TOKEN;STATUS BEL
//
// Nothing of it is echoed. \x01 is also Ctrl-A: as soon as what follows cannot be a token, the bytes are
// handed back to the editor, so a person notices nothing. Terminals ignore the ESC ] ... BEL sequences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "platforms/base/format.hpp"

namespace skerry::usr::shell {

class FrameReader {
  public:
    static constexpr char mark = 1;
    static constexpr size_t token_size = 16;
    static constexpr size_t command_maximum = 1024;
    enum class Event : uint8_t {
        none,      // swallowed
        replay,    // not a frame: held() goes to the editor
        command,   // token() and command() are valid until the next mark
        too_long,  // the command was longer than command_maximum; token() is valid
    };

    // Whether the bytes are ours until an event other than none.
    bool active() const { return state_ != State::idle; }
    // The first byte must be `mark`, at the start of a line.
    Event feed(char byte);

    std::string_view held() const { return {held_, held_length_}; }
    std::string_view token() const { return {held_ + 1, token_size}; }
    std::string_view command() const { return {command_, length_}; }

  private:
    enum class State : uint8_t { idle, token, command };
    Event in_token(char byte);

    State state_ = State::idle;
    size_t held_length_ = 0;  // the mark, the token and the blank after it
    char held_[token_size + 2] = {};
    size_t length_ = 0;
    bool cut_ = false;
    char command_[command_maximum] = {};
};

// What the shell says around commands.
constexpr std::string_view ready_sequence = "\x1b]skerry;ready\a";
void frame_begin(base::Text& out, std::string_view token);
void frame_end(base::Text& out, std::string_view token, uint32_t status);

}  // namespace skerry::usr::shell
