#include "usr/bench/message/table.hpp"

#include "platforms/base/assert.hpp"
#include "platforms/base/format.hpp"

namespace skerry::bench {

namespace {

constexpr size_t line_bytes = 200;
constexpr size_t variant_width = 16, metric_width = 18, number_width = 9, unit_width = 14;

void number(base::Text& line, uint64_t value) {
    base::Buffer<24> digits;
    digits << value;
    for (size_t i = digits.size(); i < number_width; ++i) line << ' ';
    line << digits.view() << ' ';
}

void word(base::Text& line, std::string_view text, size_t width) {
    size_t from = line.size();
    line << text;
    line.pad(from, width);
}

}  // namespace

void Table::header() {
    base::Buffer<line_bytes> line;
    word(line, "variant", variant_width);
    word(line, "metric", metric_width);
    line << "   median       min       p99 ";
    word(line, "unit", unit_width);
    line << "what is included\n";
    output_.write(line.view());
}

void Table::add(const Row& row) {
    SKERRY_ASSERT(count_ < rows_maximum);
    rows_[count_++] = row;
    base::Buffer<line_bytes> line;
    word(line, row.variant, variant_width);
    word(line, row.metric, metric_width);
    for (uint64_t value : {row.result.median, row.result.min, row.result.p99}) number(line, value);
    word(line, row.unit, unit_width);
    line << row.included << '\n';
    output_.write(line.view());
}

void Table::finish() {
    for (size_t i = 0; i < count_; ++i) {
        const Row& row = rows_[i];
        base::Buffer<line_bytes> line;
        line << "csv," << experiment_ << ",,,," << row.variant << ',' << row.cores << ',' << row.metric << ','
             << row.result.median << ',' << row.result.min << ',' << row.result.p99 << ',' << row.unit << ','
             << row.result.samples << '\n';
        output_.write(line.view());
    }
}

}  // namespace skerry::bench
