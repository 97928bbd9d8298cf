// The self-test's last step, for platforms that run real programs: the user half that portable code includes.
//   g++ -std=c++20 -fsyntax-only -I. -Iplatforms/ISA test/contract/user_hooks.cpp
#if !__has_include("platform/user/context.hpp")
#error "first missing: step 10: platform/user/context.hpp"
#elif !__has_include("platform/user/exception_name.hpp")
#error "first missing: step 10: platform/user/exception_name.hpp"
#elif !__has_include("platform/user/cpu_topology.hpp")
#error "first missing: step 10: platform/user/cpu_topology.hpp"
#elif !__has_include("platform/user/core_start.hpp")
#error "first missing: step 10: platform/user/core_start.hpp"
#else

#include <concepts>
#include <string_view>

#include "platform/user/context.hpp"
#include "platform/user/core_start.hpp"
#include "platform/user/cpu_topology.hpp"
#include "platform/user/exception_name.hpp"
#include "platforms/base/ids.hpp"

namespace skerry::contract {

static_assert(sizeof(platform::SaveArea) == capabilities::save_area_size, "step 10: SaveArea");
static_assert(std::same_as<decltype(platform::read_cycle_counter()), uint64_t>, "step 10: read_cycle_counter()");
static_assert(std::same_as<decltype(platform::pause()), void>, "step 10: pause()");
static_assert(std::same_as<decltype(platform::stop_here()), void>, "step 10: stop_here()");
static_assert(std::same_as<decltype(platform::package_shift()), uint32_t>, "step 10: package_shift()");
static_assert(platform::start_frame_size % base::page_size == 0, "step 10: start_frame_size");

}  // namespace skerry::contract

#endif
