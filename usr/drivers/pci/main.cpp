// The program `pci`: init lends it the configuration ports and the addresses that devices may have.
#include <new>

#include "usr/drivers/pci/service.hpp"

int program_main(skerry::runtime::Program& self) {
    using skerry::usr::pci::Service;
    auto& service = *new (skerry::platform::static_storage<Service>()) Service(self);
    return service.serve().ok() ? 0 : 1;
}
