// Cuts a line into words: blanks separate, '...' keeps everything, "..." and plain text know \ before the
// next character. A last & that is not quoted asks for the background.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace skerry::usr::shell {

class CommandLine {
  public:
    static constexpr size_t words_maximum = 20;
    static constexpr size_t bytes_maximum = 1024;

    // Null, or what is wrong with the line, as one line of text.
    const char* parse(std::string_view line);

    std::span<const std::string_view> words() const { return std::span(words_).first(count_); }
    std::string_view command() const { return count_ == 0 ? std::string_view() : words_[0]; }
    std::span<const std::string_view> arguments() const { return count_ == 0 ? words() : words().subspan(1); }
    bool background() const { return background_; }

  private:
    const char* word(std::string_view line, size_t& at);
    const char* put(char c);

    char text_[bytes_maximum] = {};
    size_t length_ = 0;
    std::array<std::string_view, words_maximum> words_{};
    size_t count_ = 0;
    bool background_ = false;
};

}  // namespace skerry::usr::shell
