#include "test/traffic/tally.hpp"

#include <cinttypes>
#include <cstring>

namespace skerry::traffic {

std::optional<Mark> mark_of(const uint8_t* bytes, uint64_t size) {
    constexpr uint8_t long_nop[] = {0x0f, 0x1f, 0x84, 0x00};
    constexpr uint32_t first = 0x536b'7901;
    if (size != sizeof long_nop + sizeof first || std::memcmp(bytes, long_nop, sizeof long_nop) != 0) return {};
    uint32_t number = 0;
    std::memcpy(&number, bytes + sizeof long_nop, sizeof number);
    if (number - first >= static_cast<uint32_t>(Mark::count_)) return {};
    return static_cast<Mark>(number - first);
}

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
    if (!begun()) return;
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
