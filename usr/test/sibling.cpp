#include "usr/test/sibling.hpp"

namespace skerry::usr::test {

using capabilities::DispatcherPage;
using capabilities::Type;
namespace well_known = capabilities::well_known;
namespace map_flags = capabilities::map_flags;

namespace {
// Enters here in every upcall that it ever gets: the first.
void spin() {
    for (;;) platform::pause();
}
}  // namespace

base::Status Sibling::make() {
    object_ = SKERRY_TRY(self_.ram().make(Type::dispatcher, 0, capabilities::dispatcher_object_size));
    frame_ = SKERRY_TRY(self_.ram().make_frame(capabilities::dispatcher_frame_size));
    page_ = SKERRY_TRY(self_.space().map_anywhere(frame_.cap, 0, capabilities::dispatcher_frame_size,
                                                  map_flags::read | map_flags::write));
    auto& page = *reinterpret_cast<DispatcherPage*>(page_);
    page.entry[static_cast<uint32_t>(capabilities::Upcall::run)] = reinterpret_cast<uint64_t>(&spin);
    constexpr uint64_t stack_top = 3072;  // the rest of the page: spin() needs next to nothing
    page.upcall_stack = page_ + stack_top;
    return dispatcher().configure(well_known::root_cnode, well_known::vspace_root, frame_.cap, page_, {});
}

base::Status Sibling::start(uint64_t weight) {
    if (weight != 0) SKERRY_CHECK(dispatcher().reserve_best_effort(weight));
    return dispatcher().start();
}

uint64_t Sibling::cpu_ns() const {
    auto state = dispatcher().read_state();
    return state.ok() ? state->cpu_ns : 0;
}

void Sibling::end() {
    if (!object_.cap.null()) self_.ram().destroy(std::exchange(object_, {}));
    if (page_ != 0) (void)self_.space().unmap(std::exchange(page_, 0), capabilities::dispatcher_frame_size).ok();
    if (!frame_.cap.null()) self_.ram().destroy(std::exchange(frame_, {}));
}

}  // namespace skerry::usr::test
