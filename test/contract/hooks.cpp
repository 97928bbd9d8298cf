// The self-test of a port: compiled with the platform's include path, it names the first hook that is missing
// (platforms/README.md). Needs no linker and no machine:
//   g++ -std=c++20 -fsyntax-only -I. -Iplatforms/ISA test/contract/hooks.cpp
#if !__has_include("platform/page_table.hpp")
#error "first missing: step 2: platform/page_table.hpp"
#elif !__has_include("platform/registers.hpp")
#error "first missing: step 3: platform/registers.hpp"
#elif !__has_include("platform/machine.hpp")
#error "first missing: step 5: platform/machine.hpp"
#else

#include "platform/machine.hpp"
#include "platform/page_table.hpp"
#include "platform/registers.hpp"
#include "platforms/contract/check.hpp"

namespace skerry::contract {

template struct EveryHook<first_missing_hook<platform::PageTable, platform::Registers, platform::Machine>()>;
// If these fail and no hook is missing, the contract grew and check.hpp did not.
static_assert(PageTable<platform::PageTable> && Registers<platform::Registers> && Machine<platform::Machine>);
static_assert(platform::user_end == platform::PageTable::user_root_entries *
                                        platform::PageTable::bytes_per_entry(platform::PageTable::levels),
              "step 3: user_end is where the root's user entries end");

}  // namespace skerry::contract

#endif
