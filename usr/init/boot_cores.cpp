#include "usr/init/boot_cores.hpp"

#include "platforms/base/words.hpp"

namespace skerry::init {

base::Result<uint32_t> cores_at_boot(std::string_view line, uint32_t all) {
    auto number = base::number_after(line, "online=");
    if (number.error() == base::Error::not_found) return all;
    if (!number.ok()) return number.error();
    if (*number == 0 || *number > all) return base::Error::out_of_range;
    return static_cast<uint32_t>(*number);
}

}  // namespace skerry::init
