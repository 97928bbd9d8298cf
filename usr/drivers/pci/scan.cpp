#include "usr/drivers/pci/scan.hpp"

#include "platforms/base/assert.hpp"

namespace skerry::usr::pci {

void Inventory::scan(ConfigSpace& space) {
    count_ = omitted_ = refused_ = 0;
    known_ = {}, known_[0] = true;
    queue_[0] = 0, queued_ = 1;
    for (uint32_t next = 0; next < queued_; next++) visit_bus(space, queue_[next]);
}

void Inventory::visit_bus(ConfigSpace& space, uint8_t bus) {
    for (uint8_t device = 0; device < 32; device++) {
        Address at{bus, device, 0};
        if (!present(space, at)) continue;
        bool several = (space.read(at, config::header) >> 16 & config::header_several_functions) != 0;
        visit(space, at);
        for (uint8_t function = 1; several && function < 8; function++) {
            at.function = function;
            if (present(space, at)) visit(space, at);
        }
    }
}

void Inventory::visit(ConfigSpace& space, Address at) {
    if (count_ == capacity) {
        omitted_++;
        return;
    }
    Function& found = function_[count_++] = examine(space, at);
    refused_ += found.refused;
    if (found.header != config::header_bridge) return;
    // Buses are numbered from the root outwards; one that leads back, or nowhere, would be walked for ever.
    if (found.secondary <= at.bus || known_[found.secondary]) {
        refused_++;
        return;
    }
    SKERRY_ASSERT(queued_ < queue_.size());  // each is queued once
    known_[found.secondary] = true;
    queue_[queued_++] = found.secondary;
}

const Function* Inventory::find(Address at) const {
    for (const Function& function : functions()) {
        if (function.at == at) return &function;
    }
    return nullptr;
}

bool Inventory::alone(const Function& owner, uint64_t start, uint64_t end) const {
    for (const Function& function : functions()) {
        if (function.at == owner.at) continue;
        for (const Bar& bar : function.bar) {
            if (bar.kind == Bar::Kind::memory && bar.base < end && start < bar.end()) return false;
        }
    }
    return true;
}

}  // namespace skerry::usr::pci
