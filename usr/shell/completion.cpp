#include "usr/shell/completion.hpp"

namespace skerry::usr::shell {

void Candidates::add(std::string_view candidate) {
    if (candidate.size() > sizeof(common_) || !candidate.starts_with(word_)) return;
    std::string_view rest = candidate.substr(word_.size());
    if (count_++ == 0) {
        for (size_t i = 0; i < rest.size(); ++i) common_[i] = rest[i];
        common_length_ = rest.size();
    } else {
        size_t same = 0;
        while (same < common_length_ && same < rest.size() && common_[same] == rest[same]) ++same;
        common_length_ = same;
    }
    if (length_ + 1 + candidate.size() > bytes_maximum) return;
    names_[length_++] = static_cast<char>(candidate.size());
    for (char c : candidate) names_[length_++] = c;
    ++listed_;
    if (candidate.size() > widest_) widest_ = candidate.size();
}

void Candidates::add_number(uint64_t number) {
    base::Buffer<24> text;
    text << number;
    add(text.view());
}

}  // namespace skerry::usr::shell
