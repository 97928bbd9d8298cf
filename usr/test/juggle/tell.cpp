// What a leader says when hands have not done what the model says.
#include "usr/test/juggle/leader.hpp"

namespace skerry::usr::test::juggle {

namespace {

const char* name_of(Kind kind) {
    constexpr const char* names[] = {"copy",   "mint", "move",  "remove", "retype",
                                     "revoke", "map",  "unmap", "give",   "renew"};
    return names[static_cast<size_t>(kind)];
}

void tell(base::Text& text, uint32_t type, uint32_t rights, uint64_t base, uint64_t size) {
    if (type == 0)
        text << "nothing";
    else
        text << "type " << type << " rights " << rights << ' ' << base::Hex{base} << '+' << base::Hex{size};
}

}  // namespace

Status Leader::differs(std::string_view what, const Operation& o, Error found, Error wanted) {
    text_ << "step " << done_ << ": " << what << ": " << name_of(o.kind) << " by " << o.hand << " from " << o.from
          << " to " << o.to << " of " << o.receiver << " rights " << o.rights << " type " << o.type << " offset "
          << o.offset << " size " << o.size << ": " << base::text(found) << ", wanted " << base::text(wanted) << ". ";
    return Error::corrupt;
}

void Leader::tell_places(const Model& before) {
    for (uint32_t i = 0; i < hands_; ++i) {
        auto looked = peers_[i]->call(Look{});
        if (!looked.ok()) continue;
        for (uint32_t place = 0; place < all_places; ++place) {
            const Item& item = before.at(i, place);
            const Place& now = looked->place[place];
            if (item.empty() && now.type == 0) continue;
            text_ << "\n hand " << i << " place " << place << ": ";
            tell(text_, static_cast<uint32_t>(item.type), static_cast<uint32_t>(item.rights), item.base, item.size);
            text_ << (item.empty() ? "" : " of ");
            if (!item.empty()) text_ << item.owner;
            text_ << "; now ";
            tell(text_, now.type, now.rights, now.base, now.size);
        }
        for (uint32_t window = 0; window < windows; ++window) {
            const Item& frame = before.frame_at(i, window);
            if (frame.empty() && !looked->mapped[window]) continue;
            text_ << "\n hand " << i << " window " << window << ": ";
            tell(text_, static_cast<uint32_t>(frame.type), static_cast<uint32_t>(frame.rights), frame.base, frame.size);
            text_ << (looked->mapped[window] ? "; now mapped" : "; now not");
        }
    }
}

}  // namespace skerry::usr::test::juggle
