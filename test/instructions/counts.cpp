#include "test/instructions/counts.hpp"

#include <cinttypes>

namespace skerry::instructions {

void Counts::passed(unsigned vcpu, uint64_t address) {
    constexpr size_t intervals_maximum = 1 << 20;
    if (address == where_.begin) {
        for (unsigned i = 0; i < vcpus_maximum; ++i) since_[i] = settled(i);
        owner_ = vcpu;
        open_ = true;
        return;
    }
    if (!open_ || vcpu != owner_ || intervals_.size() == intervals_maximum) return;
    open_ = false;
    Interval interval{vcpu, {}};
    for (unsigned i = 0; i < vcpus_maximum; ++i) {
        if (uint64_t count = settled(i) - since_[i]; count != 0) {
            interval.counts.resize(i + 1);
            interval.counts[i] = count;
        }
    }
    intervals_.push_back(std::move(interval));
}

void Counts::write(std::FILE* out) const {
    for (const Interval& interval : intervals_) {
        std::fprintf(out, "interval %u", interval.vcpu);
        for (uint64_t count : interval.counts) std::fprintf(out, " %" PRIu64, count);
        std::fputc('\n', out);
    }
    std::fprintf(out, "end %zu\n", intervals_.size());
}

}  // namespace skerry::instructions
