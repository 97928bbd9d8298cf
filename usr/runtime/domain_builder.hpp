// Builds one domain by its plan, a step a function. Objects are cut from the domain's block from front to
// back; every capability that the child shall hold is moved into its CNode 0 at the end.
#pragma once

#include "usr/runtime/domain_plan.hpp"

namespace skerry::runtime {

class DomainBuilder final : public ObjectSource {
  public:
    DomainBuilder(Spawner spawner, const DomainPlan& plan, const SpawnOptions& options);
    ~DomainBuilder() { SKERRY_ASSERT(domain_.memory.bytes == 0); }  // finished or undone

    Status build();
    SpawnedDomain finish();
    void undo();

    // Objects for the child's address space, cut from the block.
    Result<Object> make(Type type, uint32_t level, uint64_t bytes) override;
    void destroy(const Object& object) override;

  private:
    Result<Owned> cut(Type type, uint32_t level, uint64_t bytes);
    Status make_objects();
    Status map_all();
    Status fill_image();
    Status fill_page();
    Status fill_capability_space();
    Status configure();
    Status hand_over();
    Status hand_over_one(CapRef& cap);
    Status grant_endpoint(CapRef destination, CapRef source);
    template <typename Write>
    Status with_mapped(CapRef frame, uint64_t bytes, Write&& write);

    Spawner spawner_;
    const DomainPlan& plan_;
    const SpawnOptions& options_;
    SpawnedDomain domain_;
    uint64_t used_ = 0;  // bytes of the block
    Owned vspace_, page_frame_, image_frame_;
    std::array<AddressSpace::Table, domain_layout::tables_maximum> tables_{};
    std::array<AddressSpace::Piece, 64> pieces_{};
    std::optional<AddressSpace> space_;
    uint32_t next_slot_ = capabilities::well_known::first_free.index();
};

}  // namespace skerry::runtime
