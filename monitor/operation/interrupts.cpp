#include "monitor/operation/interrupts.hpp"

#include "monitor/operation/here.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
namespace protocol = urpc::monitor;
using capabilities::well_known::interrupt;

Result<protocol::InterruptTaken> take_interrupt(Monitor& m, base::DomainId domain,
                                                const protocol::TakeInterrupt& request) {
    DomainRecord* record = m.domains.find(domain);
    if (record == nullptr || record->program == nullptr) return Error::closed;
    auto all = SKERRY_TRY(runtime::CNodeCap{}.identify(interrupt));
    uint32_t held = 0;
    for (base::DomainId holder : m.vectors) held += holder == domain;
    if (held >= protocol::vectors_maximum) return Error::full;
    runtime::CNodeCap space{record->program->domain.root_cnode.ref()};
    for (uint32_t i = 0; i < m.vectors.size() && i < all.size; i++) {
        if (m.vectors[i].value != 0) continue;
        Status made = space.retype(CapRef{request.slot}, interrupt, capabilities::Type::interrupt, 0, i, 1);
        if (made.error() == Error::overlaps) continue;  // its last holder had given a copy to somebody who still lives
        if (!made.ok()) return made.error();
        m.vectors[i] = domain;
        return protocol::InterruptTaken{static_cast<uint32_t>(all.base + i), m.hardware};
    }
    return Error::full;
}

void forget_interrupts(Monitor& m, base::DomainId domain) {
    for (base::DomainId& holder : m.vectors) {
        if (holder == domain) holder = {};
    }
}

Result<protocol::InterruptHolder> answer_here(Monitor& m, const protocol::FindInterrupt& request) {
    auto all = SKERRY_TRY(runtime::CNodeCap{}.identify(interrupt));
    uint64_t index = request.vector - all.base;
    if (request.vector < all.base || index >= m.vectors.size()) return Error::not_found;
    base::DomainId holder = m.vectors[index];
    if (holder.value == 0) return Error::not_found;
    auto mask = SKERRY_TRY(runtime::InterruptCap{}.mask(static_cast<uint32_t>(index)));
    return protocol::InterruptHolder{holder, m.hardware, mask.address, mask.bits};
}

}  // namespace skerry::monitor
