// What GCC expects of a freestanding world: operators new and delete, and a last word for failed
// assertions. Programs only; the CPU driver has its own.
#include <cstddef>
#include <cstdint>
#include <new>

#include "platforms/base/assert.hpp"
#include "usr/runtime/program.hpp"

extern "C" {
[[noreturn]] void abort() {
    skerry::base::assertion_failed("abort", "abort", 0);
}
[[noreturn]] void __cxa_pure_virtual() {
    skerry::base::assertion_failed("pure virtual", "pure virtual call", 0);
}
// Programs end with their dispatcher, not by running destructors.
int __cxa_atexit(void (*)(void*), void*, void*) {
    return 0;
}
void* __dso_handle = nullptr;
}

namespace skerry::base {

void assertion_failed(const char*, const char* file, int line) {
    runtime::ExitMessage message{.status = runtime::fault_status,
                                 .reason = runtime::ExitReason::assertion,
                                 .detail = {static_cast<uint64_t>(line), 0}};
    message.set_text(file);
    runtime::program().dispatcher.end(message);
}

}  // namespace skerry::base

namespace std {

// GCC's checked library functions end here (-D_GLIBCXX_ASSERTIONS), and those that would throw.
[[noreturn]] void __glibcxx_assert_fail(const char* file, int line, const char*, const char* condition) noexcept {
    skerry::base::assertion_failed(condition, file ? file : "libstdc++", line);
}
[[noreturn]] void __throw_length_error(const char* text) {
    skerry::base::assertion_failed(text, text, 0);
}
[[noreturn]] void __throw_logic_error(const char* text) {
    skerry::base::assertion_failed(text, text, 0);
}
[[noreturn]] void __throw_out_of_range_fmt(const char* text, ...) {
    skerry::base::assertion_failed(text, text, 0);
}
[[noreturn]] void __throw_bad_function_call() {
    skerry::base::assertion_failed("function", "bad function call", 0);
}

}  // namespace std

// A program that cannot go on without memory says so; one that can asks with std::nothrow.
namespace {
void* allocate_or_end(size_t bytes, size_t alignment) {
    namespace runtime = skerry::runtime;
    if (void* memory = runtime::program().heap.allocate(bytes, alignment)) return memory;
    runtime::program().dispatcher.end(runtime::ExitMessage{
        .status = runtime::fault_status, .reason = runtime::ExitReason::no_memory, .detail = {0, bytes}});
}
}  // namespace

using std::align_val_t, std::nothrow_t;
void* operator new(size_t bytes) {
    return allocate_or_end(bytes, 16);
}
void* operator new[](size_t bytes) {
    return allocate_or_end(bytes, 16);
}
void* operator new(size_t bytes, align_val_t a) {
    return allocate_or_end(bytes, static_cast<size_t>(a));
}
void* operator new[](size_t bytes, align_val_t a) {
    return allocate_or_end(bytes, static_cast<size_t>(a));
}
void* operator new(size_t bytes, const nothrow_t&) noexcept {
    return skerry::runtime::program().heap.allocate(bytes);
}
void* operator new[](size_t bytes, const nothrow_t&) noexcept {
    return skerry::runtime::program().heap.allocate(bytes);
}
void operator delete(void* p) noexcept {
    skerry::runtime::program().heap.free(p);
}
void operator delete[](void* p) noexcept {
    skerry::runtime::program().heap.free(p);
}
void operator delete(void* p, size_t) noexcept {
    skerry::runtime::program().heap.free(p);
}
void operator delete[](void* p, size_t) noexcept {
    skerry::runtime::program().heap.free(p);
}
void operator delete(void* p, align_val_t) noexcept {
    skerry::runtime::program().heap.free(p);
}
void operator delete[](void* p, align_val_t) noexcept {
    skerry::runtime::program().heap.free(p);
}
void operator delete(void* p, size_t, align_val_t) noexcept {
    skerry::runtime::program().heap.free(p);
}
void operator delete[](void* p, size_t, align_val_t) noexcept {
    skerry::runtime::program().heap.free(p);
}
