// The marks of platform/user/mark.hpp, as a plugin of QEMU's finds them in a program.
#pragma once

#include <cstdint>
#include <optional>

namespace skerry::traffic {

enum class Mark : uint32_t { series, begin, end, turn, look, found, count_ };

// Which mark an instruction is, from its bytes; none for others.
std::optional<Mark> mark_of(const uint8_t* bytes, uint64_t size);

}  // namespace skerry::traffic
