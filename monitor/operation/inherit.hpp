// Memory of a core that is lost gets another owner: the directory, whose core cannot be lost.
//
//   directory, the heir                              every other monitor
//     lose_core
//     CoreLost ------------------------------------>  lose_core; for each object of that core's that we hold:
//     anchor; the holder into the set  <--- Inherit -   from the answer on, the heir is its owner
//     <------------------------------- Inherit(end) -   that was all
//     all have told: nobody is missed, so operations on that memory go on, here and for others
//
// What the heir's own programs have of it stays with its old anchor until then, so that nothing is made of it meanwhile. The
// memory itself goes back to nobody (quarantine): only what survivors hold of it is looked after.
#pragma once

#include "capabilities/rules.hpp"
#include "monitor/operation/sharing.hpp"

namespace skerry::monitor {

// Of a lost core's memory, and we are the heir. Flags are not looked at: as it travels, an object has none.
bool inherits(const Monitor& monitor, const Capability& object);
// Another core is its owner.
inline bool owned_elsewhere(const Monitor& monitor, const Capability& object) {
    return capabilities::foreign(object) && !inherits(monitor, object);
}

// At the heir, before it looks into its books: until all have told. Errors: closed (it has no owner).
urpc::Task<base::Status> await_settled(urpc::FramePool& pool, Monitor& monitor, Capability object);
// At a holder, before it asks an owner: until we have told.
urpc::Task<base::Status> await_told(urpc::FramePool& pool, Monitor& monitor);
// Whether the lost core's memory may still get a new owner: then nothing of it is forgotten.
bool undecided(const Monitor& monitor, base::CoreId lost);

// At the heir: these cores will tell what they hold of that one's memory; one that is lost will not.
void expect_told(Monitor& monitor, base::CoreId lost, CoreSet tellers);
void expect_no_more(Monitor& monitor, base::CoreId lost_teller);
base::Result<urpc::intermonitor::Inherited> take_over(Monitor& monitor, base::CoreId holder,
                                                      const urpc::intermonitor::Inherit& request);
// Everywhere else, in each turn of the loop: begins to tell, if there is anything.
void begin_telling(Monitor& monitor);

}  // namespace skerry::monitor
