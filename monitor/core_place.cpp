#include "monitor/core_place.hpp"

#include "monitor/core_image.hpp"
#include "monitor/share.hpp"

namespace skerry::monitor {

using base::Error;

namespace {

// True: the node can be used. The first reason why not is kept.
bool usable(const NodeAnswer& answer, const char* question, uint64_t bytes, std::span<const uint64_t> largest_free,
            Reason& reason) {
    Reason why;
    if (answer.error() == Error::closed) {
        why << "the knowledge base has not answered yet";
    } else if (answer.error() == Error::timed_out) {
        why << "the knowledge base does not answer";
    } else if (answer.error() == Error::not_found) {
        why << "the rules give no " << question;
    } else if (answer.error() == Error::full) {
        why << "the rules give more than one " << question;
    } else if (!answer.ok()) {
        why << "the rules' " << question << ": " << base::text(answer.error());
    } else if (answer.value() >= largest_free.size()) {
        why << "the rules' " << question << " is node " << answer.value() << ", which is not there";
    } else if (largest_free[answer.value()] < bytes) {
        why << "the rules' " << question << " is node " << answer.value() << ", which has no " << bytes / mebibyte
            << " MiB in one piece";
    }
    if (reason.size() == 0) reason << why.view();
    return why.size() == 0;
}

}  // namespace

void choose_place(base::NodeId home, const CoreWish& wish, std::span<const uint64_t> largest_free, CorePlace& place) {
    SKERRY_ASSERT(home.value < largest_free.size());
    place.image = place.memory = home;
    place.reason.clear();
    bool image = usable(wish.image, "image_node", image_block_bytes, largest_free, place.reason);
    if (image) place.image = base::NodeId{wish.image.value()};
    bool memory = usable(wish.memory, "core_memory_node", smallest_share, largest_free, place.reason);
    if (memory) place.memory = base::NodeId{wish.memory.value()};
    place.by_rules = image && memory;
    SKERRY_ASSERT(place.by_rules == (place.reason.size() == 0));
}

}  // namespace skerry::monitor
