#include "test/traffic/tally.hpp"

#include <cinttypes>

namespace skerry::traffic {

void Tally::open(unsigned vcpu, const Counts& now) {
    open_ = true;
    owner_ = vcpu;
    since_ = now;
}

void Tally::close(unsigned vcpu, const Counts& now) {
    if (!open_ || vcpu != owner_ || series_.back().size() == samples_maximum) return;
    open_ = false;
    series_.back().push_back(now - since_);
}

void Tally::passed(Mark mark, unsigned vcpu, const Counts& now) {
    if (mark == Mark::series) {
        series_.emplace_back();
        open_ = false;
        return;
    }
    if (!begun() || mark == Mark::look || mark == Mark::found) return;
    if (mark != Mark::begin) close(vcpu, now);
    if (mark != Mark::end && !(open_ && vcpu != owner_)) open(vcpu, now);
}

void Tally::write(std::FILE* out) const {
    size_t written = 0;
    for (const auto& samples : series_) {
        if (samples.empty()) continue;
        ++written;
        std::fputs("series\n", out);
        for (const Counts& each : samples) {
            std::fprintf(out, "sample %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", each.transfers,
                         each.far_transfers, each.kernel_transfers, each.invalidations);
        }
    }
    std::fprintf(out, "end %zu\n", written);
}

}  // namespace skerry::traffic
