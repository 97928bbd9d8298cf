#include "usr/test/juggle/model.hpp"

#include "capabilities/interface/system_call.hpp"

namespace skerry::usr::test::juggle {

namespace {

constexpr Rights manage = Rights::transfer | Rights::revoke;
constexpr uint64_t page = 4096;

Rights full(Type type) {
    if (type == Type::ram) return manage | Rights::retype;
    if (type == Type::frame) return manage | Rights::read | Rights::write | Rights::execute;
    if (type == Type::endpoint) return manage | Rights::read | Rights::send | Rights::control;
    return manage | Rights::read | Rights::write;  // CNode, VNode
}
bool has(Rights rights, Rights wanted) {
    return (rights & wanted) == wanted;
}
bool leaves_its_core(Type type) {
    return type == Type::ram || type == Type::frame;
}

}  // namespace

bool same(const Item& a, const Item& b) {
    return a.type == b.type && a.base == b.base && a.size == b.size;
}
bool below(const Item& inner, const Item& outer) {
    if (outer.type != Type::ram || inner.empty()) return false;
    if (inner.base < outer.base || inner.end() > outer.end()) return false;
    return inner.type != Type::ram || inner.size < outer.size;
}

void Model::set_block(uint32_t hand, uint64_t base) {
    items_[hand][block_place] = {Type::ram, full(Type::ram) & ~Rights::revoke, hand, base, block_bytes};
}

Error Model::apply(const Operation& o, uint64_t base, bool release) {
    Error error = Error::none;
    switch (o.kind) {
        case Kind::copy:
            error = copy(o, Rights::all);
            break;
        case Kind::mint:
            error = copy(o, Rights(o.rights));
            break;
        case Kind::move:
            error = move(o);
            break;
        case Kind::remove:
            if (no_place(o.hand, o.from)) error = Error::no_capability;
            items_[o.hand][o.from] = {};
            break;
        case Kind::retype:
            error = retype(o);
            break;
        case Kind::revoke:
            error = revoke(o);
            break;
        case Kind::map:
            error = map(o);
            break;
        case Kind::unmap:
            maps_[o.hand][o.to] = {};
            break;
        case Kind::give:
            error = give(o);
            break;
        case Kind::renew:
        case Kind::count_:
            renew(o, base);
            break;
    }
    settle(release);
    return error;
}

Error Model::copy(const Operation& o, Rights mask) {
    const Item& source = items_[o.hand][o.from];
    if (source.empty() || no_place(o.hand, o.to)) return Error::no_capability;
    Item& to = items_[o.hand][o.to];
    if (!to.empty()) return Error::slot_occupied;
    to = source;
    to.rights = to.rights & mask;
    return Error::none;
}

Error Model::move(const Operation& o) {
    Error copied = copy(o, Rights::all);
    if (copied == Error::none) items_[o.hand][o.from] = {};
    return copied;
}

Error Model::shape(const Item& source, const Operation& o) const {
    auto type = Type(o.type);
    if (source.type != Type::ram) return Error::wrong_type;
    if (!has(source.rights, Rights::retype)) return Error::no_right;
    if (o.offset > source.size || o.size > source.size - o.offset) return Error::out_of_range;
    if (type == Type::ram && o.size == source.size) return Error::invalid_argument;
    uint64_t unit = type == Type::ram ? 1024 : type == Type::frame ? page : o.size;
    if ((source.base + o.offset) % unit != 0) return Error::misaligned;
    bool foreign = source.owner != o.hand;
    return foreign && type != Type::ram ? Error::refused : Error::none;
}

// Whether anybody has made something there, or a core keeps it mapped.
bool Model::taken(const Item& source, uint64_t base, uint64_t size) const {
    auto lies_there = [&](const Item& item) {
        return below(item, source) && item.base < base + size && item.end() > base;
    };
    for (uint32_t hand = 0; hand < hands_; ++hand) {
        for (const Item& item : items_[hand]) {
            if (lies_there(item)) return true;
        }
        for (const Item& frame : maps_[hand]) {
            if (lies_there(frame)) return true;
        }
    }
    for (const Record& record : records_) {
        if (lies_there(record.object)) return true;
    }
    return false;
}

Error Model::retype(const Operation& o) {
    const Item source = items_[o.hand][o.from];
    if (source.empty() || no_place(o.hand, o.to)) return Error::no_capability;
    if (Error wrong = shape(source, o); wrong != Error::none) return wrong;
    Item& to = items_[o.hand][o.to];
    if (!to.empty()) return Error::slot_occupied;
    if (taken(source, source.base + o.offset, o.size)) return Error::overlaps;
    Rights rights = full(Type(o.type));
    if (!has(source.rights, Rights::transfer)) rights = rights & ~Rights::transfer;
    to = {Type(o.type), rights, source.owner, source.base + o.offset, o.size};
    return Error::none;
}

Error Model::revoke(const Operation& o) {
    const Item object = items_[o.hand][o.from];
    if (object.empty()) return Error::no_capability;
    if (!has(object.rights, Rights::revoke)) return Error::no_right;
    for (uint32_t hand = 0; hand < hands_; ++hand) {
        for (uint32_t place = 0; place < all_places; ++place) {
            if (hand == o.hand && place == o.from) continue;
            Item& item = items_[hand][place];
            if (same(item, object) || below(item, object)) item = {};
        }
        // A frame's own mappings are made of it, too.
        for (Item& frame : maps_[hand]) {
            if (same(frame, object) || below(frame, object)) frame = {};
        }
    }
    for (Record& record : records_) {
        bool gone = same(record.object, object) || below(record.object, object);
        if (gone && !(same(record.object, object) && record.hand == o.hand)) record = {};
    }
    return Error::none;
}

Error Model::map(const Operation& o) {
    const Item& source = items_[o.hand][o.from];
    if (source.empty()) return Error::no_capability;
    if (!maps_[o.hand][o.to].empty()) return Error::slot_occupied;
    if (source.type != Type::frame) return Error::wrong_type;
    if (!has(source.rights, Rights::read)) return Error::no_right;
    bool writes = (o.rights & capabilities::map_flags::write) != 0;
    if (writes && !has(source.rights, Rights::write)) return Error::no_right;
    maps_[o.hand][o.to] = source;
    return Error::none;
}

Error Model::give(const Operation& o) {
    const Item source = items_[o.hand][o.from];
    if (source.empty()) return Error::no_capability;
    if (!has(source.rights, Rights::transfer)) return Error::no_right;
    if (!leaves_its_core(source.type)) return Error::refused;
    if (o.hand != source.owner) {
        note(o.hand, source);
        for (const Item& around : items_[o.hand]) {  // parts of which it is one
            if (below(source, around)) note(o.hand, around);
        }
    }
    if (o.receiver != source.owner) note(o.receiver, source);
    if (no_place(o.receiver, o.to)) return Error::no_capability;
    Item& to = items_[o.receiver][o.to];
    if (!to.empty()) return Error::slot_occupied;
    to = source;
    to.rights = to.rights & Rights(o.rights);
    return Error::none;
}

void Model::renew(const Operation& o, uint64_t base) {
    const Item block = items_[o.hand][block_place];
    auto gone = [&](Item& item) {
        if (same(item, block) || below(item, block)) item = {};
    };
    for (uint32_t hand = 0; hand < hands_; ++hand) {
        for (Item& item : items_[hand]) gone(item);
        for (Item& frame : maps_[hand]) gone(frame);
    }
    for (Record& record : records_) gone(record.object);
    set_block(o.hand, base);
}

void Model::note(uint32_t hand, const Item& object) {
    Record* free = nullptr;
    for (Record& record : records_) {
        if (record.object.empty()) {
            if (free == nullptr) free = &record;
        } else if (record.hand == hand && same(record.object, object)) {
            return;
        }
    }
    SKERRY_ASSERT(free != nullptr);
    *free = {hand, object};
}

// The core's monitor holds a capability to it: there, the object's mappings do not end with the last of the hand's own.
bool Model::anchored(uint32_t hand, const Item& object) const {
    for (const Record& record : records_) {
        if (same(record.object, object) && (record.hand == hand || object.owner == hand)) return true;
    }
    return false;
}

bool Model::in_use(const Record& record) const {
    const Item& object = record.object;
    for (const Item& item : items_[record.hand]) {
        if (same(item, object) || below(item, object)) return true;
    }
    for (const Item& frame : maps_[record.hand]) {
        if (same(frame, object) || below(frame, object)) return true;
    }
    for (const Record& other : records_) {
        if (other.hand == record.hand && below(other.object, object)) return true;
    }
    return false;
}

// What is held up by nothing goes, until nothing goes.
void Model::settle(bool release) {
    for (bool more = true; more;) {
        more = false;
        for (uint32_t hand = 0; hand < hands_; ++hand) {
            for (uint32_t i = first_inner; i < all_places && items_[hand][tree_place].empty(); ++i)
                items_[hand][i] = {};
            for (Item& frame : maps_[hand]) {
                if (frame.empty() || anchored(hand, frame)) continue;
                bool held = false;
                for (const Item& item : items_[hand]) held = held || same(item, frame);
                if (held) continue;
                frame = {};
                more = true;
            }
        }
        for (Record& record : records_) {
            if (!release || record.object.empty() || in_use(record)) continue;
            record = {};
            more = true;
        }
    }
}

Books Model::books(uint32_t hand) const {
    Books books;
    for (size_t i = 0; i < records_.size(); ++i) {
        const Record& record = records_[i];
        if (record.object.empty()) continue;
        books.imported += record.hand == hand;
        if (record.object.owner != hand) continue;
        books.holders++;
        bool first = true;
        for (size_t j = 0; j < i; ++j) first = first && !same(records_[j].object, record.object);
        books.exported += first;
    }
    return books;
}

bool Model::equals(uint32_t hand, const Looked& seen) const {
    for (uint32_t place = 0; place < all_places; ++place) {
        const Item& item = items_[hand][place];
        const Place& there = seen.place[place];
        if (there.type != static_cast<uint32_t>(item.type)) return false;
        if (item.empty()) continue;
        if (there.rights != static_cast<uint32_t>(item.rights)) return false;
        if (there.base != item.base || there.size != item.size) return false;
    }
    for (uint32_t window = 0; window < windows; ++window) {
        if (seen.mapped[window] != mapped(hand, window)) return false;
    }
    return true;
}

}  // namespace skerry::usr::test::juggle
