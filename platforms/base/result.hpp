// Errors are values (law 9). Result<T> holds a T or an Error; neither can be dropped silently.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "platforms/base/assert.hpp"

namespace skerry::base {

// One vocabulary of errors for kernel, services and programs; the numbers cross the system-call boundary.
enum class Error : uint32_t {
    none = 0,          // success where an error travels as a plain word; a Result never holds it
    invalid_argument,  // a value that no caller may pass
    no_capability,     // the slot is empty or the address resolves to nothing
    wrong_type,        // the capability is of another type than the operation needs
    no_right,          // the capability lacks a right that the operation needs
    slot_occupied,     // the destination slot is not empty
    out_of_range,      // an index, offset or size lies outside the object
    misaligned,        // an address or size breaks the object's alignment
    overlaps,          // the range already has descendants
    again,             // a bounded step was done: call again with the same arguments (law 2)
    full,              // a ring or queue has no room; nothing was queued
    no_memory,         // the memory service or pool has no more
    not_found,         // no such name, core, domain, program
    exists,            // the name, core, domain is there already
    corrupt,           // a checksum, magic number or structure is wrong
    unsupported,       // understood, but not offered here
    refused,           // policy says no: admission, limits
    closed,            // the peer is gone or the channel was closed
    timed_out,         // a deadline passed
    unclean,           // a frame is still being zeroed: finish Frame.clean first
    busy,              // the object is in use in a way that excludes the operation
    shared,            // other cores hold copies: the monitor takes them back, or decides with theirs
};

// A short, constant text for one-line messages.
constexpr const char* text(Error error) {
    constexpr const char* names[] = {"no error",      "invalid argument",
                                     "no capability", "wrong type",
                                     "missing right", "slot occupied",
                                     "out of range",  "misaligned",
                                     "overlaps",      "again",
                                     "full",          "out of memory",
                                     "not found",     "exists",
                                     "corrupt",       "unsupported",
                                     "refused",       "closed",
                                     "timed out",     "unclean",
                                     "busy",          "shared with other cores"};
    auto index = static_cast<uint32_t>(error);
    return index < sizeof(names) / sizeof(names[0]) ? names[index] : "unknown error";
}

template <typename T>
class [[nodiscard]] Result {
    static_assert(!std::is_reference_v<T>, "hold a pointer instead");

  public:
    Result(Error error) : error_(error) { SKERRY_ASSERT(error != Error::none); }
    Result(T value) : value_(std::move(value)), error_(Error::none) {}

    bool ok() const { return error_ == Error::none; }
    explicit operator bool() const { return ok(); }
    Error error() const { return error_; }
    T& value() & {
        SKERRY_ASSERT(ok());
        return value_;
    }
    const T& value() const& {
        SKERRY_ASSERT(ok());
        return value_;
    }
    T&& value() && {
        SKERRY_ASSERT(ok());
        return std::move(value_);
    }
    T& operator*() & { return value(); }
    T* operator->() { return &value(); }

  private:
    T value_{};  // default-constructed on error: T is a small value type everywhere in Skerry
    Error error_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    Result() : error_(Error::none) {}
    Result(Error error) : error_(error) {}  // Error::none means success, so that a plain word converts
    bool ok() const { return error_ == Error::none; }
    explicit operator bool() const { return ok(); }
    Error error() const { return error_; }

  private:
    Error error_;
};

using Status = Result<void>;

}  // namespace skerry::base

// Evaluates a Result; returns its error from the enclosing function, or yields the value.
// Never around co_await (GCC 12 crashes): name the result first.
#define SKERRY_TRY(expression)                                         \
    ({                                                                 \
        auto skerry_try_result = (expression);                         \
        if (!skerry_try_result.ok()) return skerry_try_result.error(); \
        std::move(skerry_try_result).value();                          \
    })
// The same for Status: no value.
#define SKERRY_CHECK(expression)                                           \
    do {                                                                   \
        auto skerry_check_result = (expression);                           \
        if (!skerry_check_result.ok()) return skerry_check_result.error(); \
    } while (false)
