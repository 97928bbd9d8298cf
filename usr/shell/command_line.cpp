#include "usr/shell/command_line.hpp"

namespace skerry::usr::shell {

namespace {
bool blank(char c) {
    return c == ' ' || c == '\t';
}
}  // namespace

const char* CommandLine::parse(std::string_view line) {
    length_ = count_ = 0;
    background_ = false;
    for (size_t at = 0; at < line.size();) {
        if (blank(line[at])) {
            ++at;
            continue;
        }
        if (background_) return "& may only end the line";
        if (line[at] == '&') {
            if (count_ == 0) return "& needs a command before it";
            background_ = true;
            ++at;
            continue;
        }
        if (count_ == words_maximum) return "too many words (20 at most)";
        if (const char* wrong = word(line, at)) return wrong;
    }
    return nullptr;
}

const char* CommandLine::put(char c) {
    if (length_ == bytes_maximum) return "line too long (1024 bytes at most)";
    text_[length_++] = c;
    return nullptr;
}

// One word from `at` on; leaves `at` behind it.
const char* CommandLine::word(std::string_view line, size_t& at) {
    size_t start = length_;
    char quote = 0;
    for (; at < line.size(); ++at) {
        char c = line[at];
        if (quote == 0 && (blank(c) || c == '&')) break;
        if (quote == 0 && (c == '\'' || c == '"')) {
            quote = c;
            continue;
        }
        if (quote != 0 && c == quote) {
            quote = 0;
            continue;
        }
        if (c == '\\' && quote != '\'') {
            if (++at == line.size()) return "nothing after the last backslash";
            c = line[at];
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "control character in the line";
        if (const char* wrong = put(c)) return wrong;
    }
    if (quote != 0) return quote == '"' ? "missing closing \"" : "missing closing '";
    words_[count_++] = std::string_view(text_ + start, length_ - start);
    return nullptr;
}

}  // namespace skerry::usr::shell
