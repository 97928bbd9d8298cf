// Input for parsers: written field by field, damaged at random, and placed so that a read one byte behind its
// end faults at once.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <span>
#include <string_view>
#include <vector>

#include "platforms/base/bytes.hpp"

namespace skerry::test {

class Writer {
  public:
    Writer() = default;
    explicit Writer(size_t size) : bytes(size) {}

    template <std::unsigned_integral N>
    Writer& put(N value) {
        return store(bytes.size(), &value, sizeof(N));
    }
    template <std::unsigned_integral N>
    Writer& set(size_t at, N value) {
        return store(at, &value, sizeof(N));
    }
    // Padded with zeros to `width`; exactly the characters if it is 0.
    Writer& text(std::string_view text, size_t width = 0) {
        size_t at = bytes.size();
        bytes.resize(at + (width != 0 ? width : text.size()));
        std::memcpy(bytes.data() + at, text.data(), text.size());
        return *this;
    }
    Writer& fill_to(size_t size) {
        if (bytes.size() < size) bytes.resize(size);
        return *this;
    }
    Writer& align(size_t alignment) { return fill_to((bytes.size() + alignment - 1) / alignment * alignment); }
    Writer& append(std::span<const std::byte> more) {
        bytes.insert(bytes.end(), more.begin(), more.end());
        return *this;
    }
    size_t size() const { return bytes.size(); }
    base::Bytes view() const { return std::span<const std::byte>(bytes); }
    operator std::span<const std::byte>() const { return bytes; }

    std::vector<std::byte> bytes;

  private:
    // Inlined, GCC 12 sees overflows that are not there.
    [[gnu::noinline]] Writer& store(size_t at, const void* value, size_t size) {
        fill_to(at + size);
        std::memcpy(bytes.data() + at, value, size);
        return *this;
    }
};

// Memory with an inaccessible page before and behind it.
class Guarded {
  public:
    explicit Guarded(size_t maximum) : size_((maximum + page - 1) / page * page) {
        void* mapped = mmap(nullptr, size_ + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapped == MAP_FAILED) std::abort();
        start_ = static_cast<std::byte*>(mapped) + page;
        if (mprotect(start_, size_, PROT_READ | PROT_WRITE) != 0) std::abort();
    }
    ~Guarded() { munmap(start_ - page, size_ + 2 * page); }
    Guarded(const Guarded&) = delete;
    Guarded& operator=(const Guarded&) = delete;

    // A copy that ends where the accessible memory ends. Overwrites the one before.
    std::span<const std::byte> place(std::span<const std::byte> data) {
        if (data.size() > size_) std::abort();
        std::byte* at = start_ + size_ - data.size();
        if (!data.empty()) std::memcpy(at, data.data(), data.size());
        return {at, data.size()};
    }

  private:
    static constexpr size_t page = 4096;
    size_t size_;
    std::byte* start_;
};

// Changes one to four places of the first `reach` bytes: flipped bits, extreme or random numbers, now and
// then an end cut off.
inline void damage(std::vector<std::byte>& bytes, size_t reach, std::mt19937& random) {
    constexpr uint64_t extremes[] = {
        0, 1, 0x7f, 0xff, 0xffff, 0x10000, 0x7fffffff, 0xffffffff, UINT64_MAX, uint64_t{1} << 63, UINT64_MAX - 4095};
    for (uint32_t i = 1 + random() % 4; i > 0 && !bytes.empty(); --i) {
        size_t at = random() % std::min(reach, bytes.size());
        uint64_t value = random() % 2 ? extremes[random() % std::size(extremes)] : random();
        size_t width = std::min<size_t>(size_t{1} << random() % 4, bytes.size() - at);
        switch (random() % 8) {
            case 0:
                bytes.resize(random() % (bytes.size() + 1));
                break;
            case 1:
            case 2:
            case 3:
                bytes[at] ^= std::byte(1u << random() % 8);
                break;
            default:
                std::memcpy(bytes.data() + at, &value, width);
                break;
        }
    }
}

}  // namespace skerry::test
