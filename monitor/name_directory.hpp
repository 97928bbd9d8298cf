// Names of services, kept by the monitor of the core that booted (the directory). A name belongs to the domain that
// registered it first, until that domain ends.
#pragma once

#include <array>

#include "platforms/base/ids.hpp"
#include "platforms/base/result.hpp"
#include "urpc/protocols/intermonitor.hpp"
#include "urpc/protocols/machine_info.hpp"

namespace skerry::monitor {

class NameDirectory {
  public:
    using Name = urpc::monitor::Name;
    using Found = urpc::intermonitor::Found;
    static constexpr uint32_t capacity = 64 + urpc::machine_cores_maximum;  // a service a core, and some
    static constexpr uint32_t per_domain = 8;  // so that one program cannot take all places

    // Errors: invalid_argument (empty name), exists, full.
    base::Status add(const Name& name, base::DomainId service, uint64_t protocol) {
        if (name.length == 0 || service.value == 0) return base::Error::invalid_argument;
        Entry* place = nullptr;
        uint32_t held = 0;
        for (Entry& entry : entries_) {
            if (entry.service.value == 0 && place == nullptr) place = &entry;
            if (entry.service.value == 0) continue;
            if (entry.name == name) return base::Error::exists;
            held += entry.service == service;
        }
        if (place == nullptr || held >= per_domain) return base::Error::full;
        *place = {name, service, protocol};
        return {};
    }
    // Errors: not_found.
    base::Result<Found> find(const Name& name) const {
        for (const Entry& entry : entries_) {
            if (entry.service.value != 0 && entry.name == name) return Found{entry.service, entry.protocol};
        }
        return base::Error::not_found;
    }
    // The service has ended: all its names are free.
    void remove(base::DomainId service) {
        for (Entry& entry : entries_) {
            if (entry.service == service) entry = {};
        }
    }
    // All services there have ended.
    void remove_of(base::CoreId core) {
        for (Entry& entry : entries_) {
            if (entry.service.value != 0 && base::core_of(entry.service) == core) entry = {};
        }
    }

  private:
    struct Entry {
        Name name;
        base::DomainId service;  // 0 = this entry is free
        uint64_t protocol = 0;
    };
    std::array<Entry, capacity> entries_{};
};

}  // namespace skerry::monitor
