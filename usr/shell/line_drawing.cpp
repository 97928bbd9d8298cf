// The part of LineEditor that knows rows and columns. A row that is full is left at once: so the terminal's
// cursor never waits in the last column, where terminals differ.
#include "platforms/base/format.hpp"
#include "usr/shell/line_editor.hpp"
#include "usr/shell/utf8.hpp"

namespace skerry::usr::shell {

uint32_t LineEditor::width(size_t offset) const {
    return utf8::width(utf8::decode(std::string_view(text_ + offset, next(offset) - offset)));
}

LineEditor::Place LineEditor::after(Place at, uint32_t width) const {
    if (breaks(at, width)) at = {at.row + 1, 0};
    at.column += width;
    return at.column == columns_ ? Place{at.row + 1, 0} : at;
}

LineEditor::Place LineEditor::place(size_t offset) const {
    Place at{0, static_cast<uint32_t>(prompt_.size())};
    for (size_t i = 0; i < offset; i = next(i)) at = after(at, width(i));
    return at;
}

void LineEditor::draw_from(size_t offset) {
    Place at = place(offset);
    size_t written = offset;  // characters go out in runs that end at a break
    for (size_t i = offset; i < length_;) {
        uint32_t columns = width(i);
        if (breaks(at, columns)) {
            sink_.write(std::string_view(text_ + written, i - written));
            sink_.write("\n");
            written = i;
        }
        uint32_t row = breaks(at, columns) ? at.row + 1 : at.row;
        at = after(at, columns);
        i = next(i);
        if (at.row != row) {
            sink_.write(std::string_view(text_ + written, i - written));
            sink_.write("\n");
            written = i;
        }
    }
    sink_.write(std::string_view(text_ + written, length_ - written));
    if (cursor_ != length_) go(at, place(cursor_));
}

void LineEditor::redraw() {
    sink_.write("\r");
    sink_.write(prompt_);
    draw_from(0);
}

void LineEditor::move_to(size_t offset) {
    SKERRY_ASSERT(offset <= length_);
    go(place(cursor_), place(offset));
    cursor_ = offset;
}

void LineEditor::go(Place from, Place to) {
    if (to.row < from.row) escape(from.row - to.row, 'A');
    if (to.row > from.row) escape(to.row - from.row, 'B');
    if (to.column == from.column) return;
    if (to.column == 0) return sink_.write("\r");
    if (to.column < from.column) return escape(from.column - to.column, 'D');
    escape(to.column - from.column, 'C');
}

void LineEditor::escape(uint32_t number, char final) {
    base::Buffer<16> text;
    text << "\x1b[" << number << final;
    sink_.write(text.view());
}

}  // namespace skerry::usr::shell
