#include "usr/test/report.hpp"

namespace skerry::usr::test {

void Report::check(std::string_view name, bool ok, std::string_view detail) {
    ++checks_;
    if (!ok) ++failures_;
    base::Buffer<200> line;
    line << program_ << ' ' << name << (ok ? " ok" : " FAILED");
    if (!ok && !detail.empty()) line << ": " << detail;
    line << '\n';
    write_(context_, line.view());
}

void Report::equal(std::string_view name, base::Error found, base::Error wanted) {
    base::Buffer<80> detail;
    detail << "got '" << base::text(found) << "', expected '" << base::text(wanted) << "'";
    check(name, found == wanted, detail.view());
}

void Report::note(std::string_view text) {
    base::Buffer<200> line;
    line << program_ << ' ' << text << '\n';
    write_(context_, line.view());
}

int Report::finish() {
    base::Buffer<80> line;
    line << "finished: " << checks_ << " checks, " << failures_ << " failed";
    note(line.view());
    return failures_ == 0 ? 0 : 1;
}

}  // namespace skerry::usr::test
