// Invocations of port ranges and counters.
#include "cpudriver/core.hpp"

namespace skerry::cpudriver {

using namespace capabilities;

base::Status Core::invoke_ports(Slot& target, uint32_t operation, const Arguments& arguments, Values& values) {
    const uint64_t* a = arguments.word;
    uint64_t port = a[0], width = a[1];
    auto which = PortsOperation{operation};
    if (which != PortsOperation::in && which != PortsOperation::out) return Error::unsupported;
    if (!includes(target.cap.rights, which == PortsOperation::in ? Rights::read : Rights::write))
        return Error::no_right;
    if (width != 1 && width != 2 && width != 4) return Error::invalid_argument;
    if (port < target.cap.base || port >= target.cap.end() || target.cap.end() - port < width)
        return Error::out_of_range;
    if (which == PortsOperation::in) {
        values.word[0] = machine_.port_in(static_cast<uint32_t>(port), static_cast<uint32_t>(width));
    } else {
        machine_.port_out(static_cast<uint32_t>(port), static_cast<uint32_t>(width), static_cast<uint32_t>(a[2]));
    }
    return {};
}

base::Status Core::invoke_counter(Slot&, uint32_t operation, const Arguments& arguments, Values& values) {
    if (PerformanceCounterOperation{operation} != PerformanceCounterOperation::read) return Error::unsupported;
    if (arguments.word[0] != 0) return Error::out_of_range;
    values.word[0] = machine_.cycles();
    return {};
}

}  // namespace skerry::cpudriver
