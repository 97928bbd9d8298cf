// The compiler proves the type table sane: whoever changes it hears of a contradiction before anything runs.
#include <string_view>

#include "capabilities/rules.hpp"

namespace skerry::capabilities {
namespace {

constexpr Type type_at(size_t index) {
    return static_cast<Type>(index);
}

template <typename Law>
constexpr bool holds_for_all(Law law) {
    for (const TypeInfo& kind : type_table) {
        if (!law(kind)) return false;
    }
    return true;
}
template <typename Law>
constexpr bool holds_for_retypes(Law law) {
    for (const TypeInfo& from : type_table) {
        for (size_t to = 0; to < type_count; to++) {
            if ((from.retype_to & bit(type_at(to))) != 0 && !law(from, type_table[to])) return false;
        }
    }
    return true;
}
constexpr bool has(const TypeInfo& kind, Rights right) {
    return includes(kind.rights, right);
}

static_assert(
    [] {
        for (size_t i = 0; i < type_count; i++) {
            if (type_table[i].type != type_at(i) || std::string_view{type_table[i].name}.empty()) return false;
            for (size_t j = 0; j < i; j++) {
                if (std::string_view{type_table[i].name} == type_table[j].name) return false;
            }
        }
        return true;
    }(),
    "each row stands at its type's place, under a name of its own");

static_assert(type_count <= 32, "bit(Type) fits retype_to");
static_assert(info(Type::null).space == Space::none && info(Type::null).rights == Rights::none);
static_assert(holds_for_all([](const TypeInfo& kind) {
                  return (kind.type == Type::null) == (kind.space == Space::none);
              }),
              "only Null names nothing");
static_assert(holds_for_all([](const TypeInfo& kind) {
                  if (kind.type == Type::null) return true;
                  if (kind.minimum_size == 0) return false;
                  return kind.maximum_size == 0 ||
                         (kind.maximum_size >= kind.minimum_size && kind.maximum_size % kind.minimum_size == 0);
              }),
              "every object has a size, in units of the smallest");
static_assert(holds_for_all([](const TypeInfo& kind) {
                  auto power = [](uint64_t size) { return size != 0 && (size & (size - 1)) == 0; };
                  return !kind.power_of_two || (power(kind.minimum_size) && power(kind.maximum_size));
              }),
              "bounds of a power of two are such");
static_assert(holds_for_all([](const TypeInfo& kind) {
                  return kind.space != Space::memory || kind.minimum_size % 1024 == 0;
              }),
              "the derivation tree counts ends of memory in KiB");

static_assert(holds_for_retypes([](const TypeInfo& from, const TypeInfo& to) { return from.space == to.space; }),
              "retype stays within a space");
static_assert(holds_for_retypes([](const TypeInfo& from, const TypeInfo& to) {
                  return from.type == to.type || to.depth > from.depth;
              }),
              "descendants sort after their ancestors");
static_assert(holds_for_all([](const TypeInfo& kind) { return (kind.retype_to != 0) == has(kind, Rights::retype); }),
              "the right to retype where, and only where, there is something to retype to");
static_assert(holds_for_retypes([](const TypeInfo& from, const TypeInfo& to) {
                  return to.type != Type::mapping &&
                         (from.type != Type::phys_addr || (kernel_objects & bit(to.type)) == 0);
              }),
              "mappings come from map alone; kernel objects from RAM alone");
static_assert(
    [] {
        for (size_t from = 0; from < type_count; from++) {
            bool makes = (type_table[from].retype_to & (kernel_objects | bit(Type::frame))) != 0;
            if (makes && type_at(from) != Type::ram) return false;
        }
        return true;
    }(),
    "memory that programs or the driver believe to be zeroed comes from RAM, whose pieces never overlap");

static_assert(holds_for_all([](const TypeInfo& kind) {
                  bool holds_kernel_state = (kernel_objects & bit(kind.type)) != 0;
                  return !holds_kernel_state ||
                         (!kind.moves_between_cores && kind.space == Space::memory && kind.retype_to == 0 &&
                          kind.maximum_size != 0 && kind.maximum_size <= zero_step);
              }),
              "a kernel object stays on its core, is not cut up, and is zeroed within one call");
static_assert(holds_for_all([](const TypeInfo& kind) { return kind.type == Type::null || has(kind, Rights::revoke); }),
              "whatever can be given can be taken back");
static_assert(holds_for_all([](const TypeInfo& kind) {
                  return !kind.moves_between_cores || has(kind, Rights::transfer);
              }),
              "what moves between cores can be transferred");
static_assert(!has(info(Type::mapping), Rights::transfer) && !info(Type::mapping).moves_between_cores,
              "a mapping has one holder");
static_assert(holds_for_all([](const TypeInfo& kind) {
                  return !has(kind, Rights::execute) || kind.type == Type::frame || kind.type == Type::mapping;
              }),
              "code runs from RAM only");
static_assert(info(Type::mapping).depth > info(Type::frame).depth &&
                  info(Type::mapping).depth > info(Type::vnode).depth &&
                  info(Type::mapping).depth > info(Type::device_memory).depth,
              "a mapping descends from what it maps");

static_assert(cnode_minimum_size / slot_size >= 16 && cnode_maximum_size / slot_size <= 0xffff);
static_assert(second_level_size >= cnode_minimum_size && second_level_size <= cnode_maximum_size);
static_assert(well_known::root_slots * slot_size >= cnode_minimum_size);

// Rights: retype never widens.
static_assert(
    [] {
        for (const TypeInfo& from : type_table) {
            for (uint32_t mask = 0; mask < 256; mask++) {
                Capability source{.type = from.type, .rights = from.rights & Rights(mask)};
                for (size_t to = 0; to < type_count; to++) {
                    if ((from.retype_to & bit(type_at(to))) == 0) continue;
                    Rights gained = retyped_rights(source, type_at(to));
                    if (!includes(type_table[to].rights, gained)) return false;
                    if ((gained & from.rights & ~source.rights & ~Rights::revoke) != Rights::none) return false;
                }
            }
        }
        return true;
    }(),
    "a right that was given up does not come back, but for that to revoke what was newly made");

}  // namespace
}  // namespace skerry::capabilities
