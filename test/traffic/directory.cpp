#include "test/traffic/directory.hpp"

namespace skerry::traffic {

Directory::Line* Directory::line(unsigned vcpu, uint64_t physical) {
    if (vcpu >= vcpus_maximum) return nullptr;
    Page* page = pages_.find_or_make(physical / law1::page_bytes);
    return page == nullptr ? nullptr : &page->lines[physical % law1::page_bytes / law1::line_bytes];
}

// By one who has no copy.
void Directory::fetch(const Line& line, unsigned vcpu, bool kernel) {
    if (line.owner == nobody) return;
    ++counts_.transfers;
    counts_.far_transfers += line.owner / package_ != vcpu / package_;
    counts_.kernel_transfers += kernel;
}

void Directory::load(unsigned vcpu, uint64_t physical, bool kernel) {
    Line* line = this->line(vcpu, physical);
    if (line == nullptr || line->holders[vcpu]) return;
    fetch(*line, vcpu, kernel);
    line->holders.set(vcpu);
}

void Directory::store(unsigned vcpu, uint64_t physical, bool kernel) {
    Line* line = this->line(vcpu, physical);
    if (line == nullptr) return;
    bool held = line->holders[vcpu];
    if (!held) fetch(*line, vcpu, kernel);
    counts_.invalidations += line->holders.count() - held;
    line->holders.reset();
    line->holders.set(vcpu);
    line->owner = static_cast<uint16_t>(vcpu);
}

}  // namespace skerry::traffic
