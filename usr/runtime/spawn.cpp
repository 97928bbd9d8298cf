#include "usr/runtime/spawn.hpp"

#include "capabilities/interface/dispatcher_page.hpp"
#include "usr/runtime/domain_builder.hpp"

namespace skerry::runtime {

Status SpawnedDomain::grant(const Grant& grant) const {
    CNodeCap space{root_cnode.ref()};
    if (grant.rights == Rights::all && grant.badge == 0) return space.copy(grant.destination, grant.source);
    return space.mint(grant.destination, grant.source, grant.rights, grant.badge);
}

void SpawnedDomain::destroy(RamSource& source) {
    if (dispatcher) (void)DispatcherCap{dispatcher.ref()}.stop().ok();
    // Ours first, while they are certainly the domain's; then all that the domain made of its memory.
    dispatcher.reset();
    endpoint.reset();
    notify.reset();
    root_cnode.reset();
    if (memory.bytes != 0) source.release(std::exchange(memory, {}));
}

Result<SpawnedDomain> spawn(Spawner spawner, std::span<const std::byte> file, const SpawnOptions& options,
                            const char** problem) {
    DomainPlan plan = SKERRY_TRY(DomainPlan::make(file, options, problem));
    DomainBuilder builder(spawner, plan, options);
    Status built = builder.build();
    if (!built.ok()) {
        builder.undo();
        return built.error();
    }
    return builder.finish();
}

}  // namespace skerry::runtime
