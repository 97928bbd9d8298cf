#include "test/law1/counts.hpp"

#include <algorithm>
#include <cinttypes>
#include <map>

namespace skerry::law1 {

Site* Counts::site(uint64_t address) {
    bool stretches = from_ != 0;
    return &sites_.emplace_back(
        Site{address, stretches && address == from_, stretches && address == to_, address >> 63 != 0, 0});
}

// Counts from the first instruction (included) to the second (not included).
void Counts::executed(unsigned vcpu, Site& site) {
    Counter& counter = counters_[vcpu % vcpus_maximum];
    uint64_t total = counter.user + counter.kernel;
    if (site.to && counter.inside) {
        counter.inside = false;
        if (counter.stretches.size() < stretches_maximum) counter.stretches.push_back(total - counter.since);
        for (Site* step : counter.steps) ++step->inside;
    }
    if (site.from) {
        counter.since = total;
        counter.inside = true;
        counter.steps.clear();
    }
    if (counter.inside && counter.steps.size() < steps_maximum) counter.steps.push_back(&site);
    ++(site.kernel ? counter.kernel : counter.user);
}

void Counts::write(std::FILE* out) const {
    for (unsigned v = 0; v < vcpus_maximum; ++v) {
        const Counter& counter = counters_[v];
        if (counter.user + counter.kernel == 0) continue;
        std::fprintf(out, "vcpu %u user %" PRIu64 " kernel %" PRIu64 "\n", v, counter.user, counter.kernel);
        std::vector<uint64_t> sorted = counter.stretches;
        if (sorted.empty()) continue;
        std::sort(sorted.begin(), sorted.end());
        std::fprintf(out, "stretches %u count %zu min %" PRIu64 " median %" PRIu64 " max %" PRIu64 "\n", v,
                     sorted.size(), sorted.front(), sorted[sorted.size() / 2], sorted.back());
    }
    std::map<uint64_t, uint64_t> inside;  // an address may have been translated more than once
    for (const Site& site : sites_) {
        if (site.inside != 0) inside[site.address] += site.inside;
    }
    for (auto [address, count] : inside) std::fprintf(out, "site 0x%" PRIx64 " %" PRIu64 "\n", address, count);
}

}  // namespace skerry::law1
