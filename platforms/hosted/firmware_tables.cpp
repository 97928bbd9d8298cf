#include "platforms/hosted/firmware_tables.hpp"

#include <cstring>
#include <string_view>

namespace skerry::hosted {

namespace {

class Table {
  public:
    Table(std::string_view signature, uint8_t revision) {
        text(signature, 4).put(0u).put(revision).put(uint8_t{0}).text("SKERRY", 6).text("HOSTED", 8).put(1u);
        text("SKRY", 4).put(1u);
    }
    Table() = default;
    template <typename T>
    Table& put(T value) {
        auto* from = reinterpret_cast<const std::byte*>(&value);
        bytes_.insert(bytes_.end(), from, from + sizeof value);
        return *this;
    }
    Table& text(std::string_view letters, size_t size) {
        for (size_t i = 0; i < size; ++i) put(i < letters.size() ? letters[i] : ' ');
        return *this;
    }
    // Makes the first `size` bytes add up to zero by the byte at `at`.
    Table& balance(size_t at, size_t size) {
        uint8_t sum = 0;
        for (size_t i = 0; i < size; ++i) sum = static_cast<uint8_t>(sum + std::to_integer<uint8_t>(bytes_[i]));
        bytes_[at] = static_cast<std::byte>(std::to_integer<uint8_t>(bytes_[at]) - sum);
        return *this;
    }
    std::vector<std::byte> sealed() {
        auto length = static_cast<uint32_t>(bytes_.size());
        std::memcpy(bytes_.data() + 4, &length, sizeof length);
        balance(9, bytes_.size());
        return bytes_;
    }
    std::vector<std::byte>& bytes() { return bytes_; }

  private:
    std::vector<std::byte> bytes_;
};

std::vector<std::byte> processors(const MachineShape& shape, uint64_t controller) {
    Table madt("APIC", 4);
    madt.put(0u).put(0u);
    for (const MachineShape::Core& core : shape.cores) {
        madt.put(uint8_t{9}).put(uint8_t{16}).put(uint16_t{0}).put(core.hardware).put(1u).put(core.hardware);
    }
    madt.put(uint8_t{1}).put(uint8_t{12}).put(uint8_t{0}).put(uint8_t{0});
    madt.put(static_cast<uint32_t>(controller)).put(0u);
    return madt.sealed();
}

std::vector<std::byte> affinity(const MachineShape& shape, const std::vector<NodeRange>& memory) {
    Table srat("SRAT", 3);
    srat.put(1u).put(uint64_t{0});
    for (const MachineShape::Core& core : shape.cores) {
        srat.put(uint8_t{2}).put(uint8_t{24}).put(uint16_t{0}).put(core.node).put(core.hardware).put(1u);
        srat.put(uint64_t{0});
    }
    for (const NodeRange& range : memory) {
        srat.put(uint8_t{1}).put(uint8_t{40}).put(range.node).put(uint16_t{0}).put(range.base).put(range.bytes);
        srat.put(0u).put(1u).put(uint64_t{0});
    }
    return srat.sealed();
}

std::vector<std::byte> distances(const MachineShape& shape) {
    Table slit("SLIT", 1);
    slit.put(uint64_t{shape.nodes});
    for (uint32_t from = 0; from < shape.nodes; ++from) {
        for (uint32_t to = 0; to < shape.nodes; ++to) {
            slit.put(shape.distances.empty() ? static_cast<uint8_t>(from == to ? 10 : 20) : shape.distances[from][to]);
        }
    }
    return slit.sealed();
}

}  // namespace

FirmwareTables make_tables(const MachineShape& shape, const std::vector<NodeRange>& memory, uint64_t controller,
                           uint64_t address) {
    constexpr size_t alignment = 64;
    FirmwareTables result;
    Table directory("XSDT", 1);
    for (const auto& table : {processors(shape, controller), affinity(shape, memory), distances(shape)}) {
        directory.put(address + result.bytes.size());
        result.bytes.insert(result.bytes.end(), table.begin(), table.end());
        result.bytes.resize((result.bytes.size() + alignment - 1) / alignment * alignment);
    }
    uint64_t directory_address = address + result.bytes.size();
    std::vector<std::byte> sealed = directory.sealed();
    result.bytes.insert(result.bytes.end(), sealed.begin(), sealed.end());

    Table root;
    root.text("RSD PTR ", 8).put(uint8_t{0}).text("SKERRY", 6).put(uint8_t{2}).put(0u);
    root.put(36u).put(directory_address).put(0u);
    root.balance(8, 20).balance(32, 36);
    result.root = root.bytes();
    return result;
}

}  // namespace skerry::hosted
