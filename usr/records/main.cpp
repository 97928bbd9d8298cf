// The program `records`.
#include <new>

#include "usr/records/service.hpp"

int program_main(skerry::runtime::Program& self) {
    using skerry::usr::records::Service;
    auto& service = *new (skerry::platform::static_storage<Service>()) Service(self);
    return service.serve().ok() ? 0 : 1;
}
