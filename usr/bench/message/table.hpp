// What a benchmark prints: a table for people and one `csv,` line a row for the launcher (DESIGN.md section
// 12). Fields that only the launcher knows (platform, machine, system) stay empty.
#pragma once

#include <cstdint>
#include <string_view>

#include "usr/bench/message/samples.hpp"

namespace skerry::bench {

class Output {
  public:
    virtual void write(std::string_view text) = 0;

  protected:
    ~Output() = default;
};

struct Row {
    std::string_view variant, metric;
    uint32_t cores = 1;
    std::string_view unit;
    Summary result;
    std::string_view included;  // what the number contains, in words
};

class Table {
  public:
    Table(Output& output, std::string_view experiment) : output_(output), experiment_(experiment) {}
    void header();
    void add(const Row& row);  // at most rows_maximum
    void finish();             // the `csv,` lines of all rows

  private:
    static constexpr size_t rows_maximum = 48;
    Output& output_;
    std::string_view experiment_;
    std::array<Row, rows_maximum> rows_{};
    size_t count_ = 0;
};

}  // namespace skerry::bench
