#include "usr/shell/line_editor.hpp"

#include "usr/shell/utf8.hpp"

namespace skerry::usr::shell {

void LineEditor::start(std::string_view prompt) {
    SKERRY_ASSERT(prompt.size() < columns_);
    prompt_ = prompt;
    length_ = cursor_ = steps_back_ = draft_length_ = 0;
    redraw();
}

LineEditor::Event LineEditor::feed(char byte) {
    return accept(keys_.feed(byte));
}

LineEditor::Event LineEditor::accept(Key key) {
    switch (key) {
        case Key::enter:
            move_to(length_);
            sink_.write("\n");
            history_.add(line());
            return Event::line;
        case Key::interrupt:
            move_to(length_);
            sink_.write("^C\n");
            length_ = cursor_ = 0;
            return Event::interrupt;
        case Key::delete_or_end:
            if (length_ == 0) return Event::end;
            edit(Key::delete_);
            return Event::none;
        case Key::tab:
            complete();
            return Event::none;
        default:
            edit(key);
            return Event::none;
    }
}

void LineEditor::edit(Key key) {
    switch (key) {
        case Key::character:
            return insert(keys_.character());
        case Key::invalid:
            return bell();
        case Key::backspace:
            return erase(previous(cursor_), cursor_);
        case Key::delete_:
            return erase(cursor_, next(cursor_));
        case Key::left:
            return move_to(previous(cursor_));
        case Key::right:
            return move_to(next(cursor_));
        case Key::home:
            return move_to(0);
        case Key::end:
            return move_to(length_);
        case Key::word_left:
            return move_to(word_start(cursor_));
        case Key::word_right:
            return move_to(word_end(cursor_));
        case Key::erase_word_left:
            return erase(word_start(cursor_), cursor_);
        case Key::erase_word_right:
            return erase(cursor_, word_end(cursor_));
        case Key::erase_to_end:
            return erase(cursor_, length_);
        case Key::erase_to_start:
            return erase(0, cursor_);
        case Key::up:
            return older();
        case Key::down:
            return newer();
        case Key::clear_screen:
            sink_.write("\x1b[H\x1b[2J");
            return redraw();
        default:
            return;
    }
}

void LineEditor::insert(std::string_view text) {
    if (text.size() > line_maximum - length_) return bell();
    for (size_t i = length_; i-- > cursor_;) text_[i + text.size()] = text_[i];
    for (size_t i = 0; i < text.size(); ++i) text_[cursor_ + i] = text[i];
    length_ += text.size();
    size_t from = cursor_;
    cursor_ += text.size();
    if (cursor_ != length_) clear_below();
    draw_from(from);
}

void LineEditor::erase(size_t from, size_t to) {
    if (from == to) return;
    SKERRY_ASSERT(from < to && to <= length_);
    move_to(from);
    for (size_t i = to; i < length_; ++i) text_[from + i - to] = text_[i];
    length_ -= to - from;
    clear_below();
    draw_from(from);
}

void LineEditor::replace(std::string_view text) {
    SKERRY_ASSERT(text.size() <= line_maximum);
    move_to(0);
    for (size_t i = 0; i < text.size(); ++i) text_[i] = text[i];
    length_ = cursor_ = text.size();
    clear_below();
    draw_from(0);
}

void LineEditor::older() {
    if (steps_back_ == history_.size()) return bell();
    if (steps_back_ == 0) {
        for (size_t i = 0; i < length_; ++i) draft_[i] = text_[i];
        draft_length_ = length_;
    }
    replace(history_.back(++steps_back_));
}

void LineEditor::newer() {
    if (steps_back_ == 0) return bell();
    --steps_back_;
    replace(steps_back_ == 0 ? std::string_view(draft_, draft_length_) : history_.back(steps_back_));
}

void LineEditor::complete() {
    if (completion_ == nullptr) return bell();
    size_t from = cursor_;
    while (from > 0 && text_[from - 1] != ' ') --from;
    Candidates candidates(std::string_view(text_ + from, cursor_ - from));
    completion_->candidates(std::string_view(text_, from), candidates);
    if (candidates.count() == 0) return bell();
    bool progress = !candidates.common().empty();
    if (progress) {
        insert(candidates.common());
    }
    if (candidates.count() == 1) {
        if (cursor_ == length_ || text_[cursor_] != ' ') return insert(" ");
        return move_to(cursor_ + 1);
    }
    if (progress) return;
    size_t cursor = cursor_;
    move_to(length_);
    sink_.write("\n");
    candidates.list(columns_, [this](std::string_view text) { sink_.write(text); });
    cursor_ = cursor;
    redraw();
}

size_t LineEditor::next(size_t offset) const {
    if (offset == length_) return offset;
    ++offset;
    while (offset < length_ && utf8::continuation(text_[offset])) ++offset;
    return offset;
}

size_t LineEditor::previous(size_t offset) const {
    if (offset == 0) return 0;
    --offset;
    while (offset > 0 && utf8::continuation(text_[offset])) --offset;
    return offset;
}

size_t LineEditor::word_start(size_t offset) const {
    while (offset > 0 && text_[offset - 1] == ' ') --offset;
    while (offset > 0 && text_[offset - 1] != ' ') --offset;
    return offset;
}

size_t LineEditor::word_end(size_t offset) const {
    while (offset < length_ && text_[offset] == ' ') ++offset;
    while (offset < length_ && text_[offset] != ' ') ++offset;
    return offset;
}

}  // namespace skerry::usr::shell
