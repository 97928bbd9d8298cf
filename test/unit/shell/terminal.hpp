// A terminal for tests: as many columns as it is told, 24 rows, and only what the line editor may rely on. A
// character in the last column leaves the cursor there until the next one, as VT100s do.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "usr/shell/sink.hpp"
#include "usr/shell/utf8.hpp"

namespace skerry::test {

class Terminal final : public usr::shell::Sink {
  public:
    explicit Terminal(size_t columns) : columns_(columns) { clear(); }

    void write(std::string_view text) override {
        for (size_t i = 0; i < text.size();) {
            if (text[i] == 0x1b) {
                i = escape(text, i + 1);
                continue;
            }
            size_t length = usr::shell::utf8::length(text[i]);
            REQUIRE(length > 0);
            REQUIRE(i + length <= text.size());
            put(std::string(text.substr(i, length)));
            i += length;
        }
    }
    std::string row(size_t r) const {
        std::string text;
        for (const std::string& cell : screen_[r]) text += cell;
        while (!text.empty() && text.back() == ' ') text.pop_back();
        return text;
    }
    size_t row_at() const { return row_; }
    size_t column_at() const { return column_; }
    size_t bells = 0;

    // What the screen shows from row `first` to the cursor's last used row, without line breaks.
    std::string all() const {
        std::string text;
        for (size_t r = 0; r < screen_.size(); ++r) {
            if (!row(r).empty()) text += row(r) + "|";
        }
        return text;
    }

  private:
    void clear() { screen_.assign(24, std::vector<std::string>(columns_, " ")); }
    void line_feed() {
        if (++row_ < screen_.size()) return;
        --row_;
        screen_.erase(screen_.begin());
        screen_.push_back(std::vector<std::string>(columns_, " "));
    }
    void put(const std::string& c) {
        if (c == "\n") return column_ = 0, pending_ = false, line_feed();
        if (c == "\r") return column_ = 0, pending_ = false, void();
        if (c == "\a") return void(++bells);
        REQUIRE(static_cast<unsigned char>(c[0]) >= 0x20);
        uint32_t width = usr::shell::utf8::width(usr::shell::utf8::decode(c));
        if (pending_ || column_ + width > columns_) FAIL("the terminal had to wrap by itself");
        screen_[row_][column_] = c;
        if (width == 2) screen_[row_][column_ + 1] = "";
        column_ += width;
        if (column_ == columns_) column_ = columns_ - 1, pending_ = true;
    }
    size_t escape(std::string_view text, size_t i) {
        REQUIRE(text[i] == '[');
        size_t number = 0;
        bool given = false;
        for (++i; text[i] >= '0' && text[i] <= '9'; ++i)
            number = number * 10 + static_cast<size_t>(text[i] - '0'), given = true;
        if (!given) number = text[i] == 'J' ? 0 : 1;
        REQUIRE_FALSE(pending_);
        switch (text[i]) {
            case 'A':
                REQUIRE(row_ >= number);
                row_ -= number;
                break;
            case 'B':
                REQUIRE(row_ + number < screen_.size());
                row_ += number;
                break;
            case 'C':
                REQUIRE(column_ + number < columns_);
                column_ += number;
                break;
            case 'D':
                REQUIRE(column_ >= number);
                column_ -= number;
                break;
            case 'H':
                row_ = column_ = 0;
                break;
            case 'J':
                erase(number);
                break;
            default:
                FAIL("unknown sequence");
        }
        return i + 1;
    }
    void erase(size_t mode) {
        if (mode == 2) return clear();
        for (size_t c = column_; c < columns_; ++c) screen_[row_][c] = " ";
        for (size_t r = row_ + 1; r < screen_.size(); ++r) screen_[r].assign(columns_, " ");
    }

    size_t columns_;
    size_t row_ = 0;
    size_t column_ = 0;
    bool pending_ = false;
    std::vector<std::vector<std::string>> screen_;
};

}  // namespace skerry::test
