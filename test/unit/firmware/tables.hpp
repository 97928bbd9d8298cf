// Builds ACPI tables by hand and serves them as a machine's physical memory.
#pragma once

#include <map>

#include "platforms/firmware/discover.hpp"
#include "test/unit/image/hostile.hpp"

namespace skerry::test {

// Makes the byte at `at` such that the first `size` bytes add up to zero.
inline void balance(Writer& table, size_t at, size_t size) {
    table.bytes[at] = std::byte{0};
    uint8_t sum = 0;
    for (size_t i = 0; i < size; ++i) sum = static_cast<uint8_t>(sum + std::to_integer<uint8_t>(table.bytes[i]));
    table.bytes[at] = std::byte(static_cast<uint8_t>(-sum));
}

inline Writer table(std::string_view signature, uint8_t revision) {
    Writer out;
    return out.text(signature).put(0u).put(revision).put(uint8_t{0}).text("SKERRY", 6).text("TEST", 8).fill_to(36);
}

// Sets length and checksum.
inline Writer& seal(Writer& table) {
    table.set(4, static_cast<uint32_t>(table.size()));
    balance(table, 9, table.size());
    return table;
}

inline Writer madt() {
    return table("APIC", 4).put(0xfee0'0000u).put(1u);
}
inline void local_apic(Writer& out, uint8_t uid, uint8_t id, uint32_t flags = 1) {
    out.put(uint8_t{0}).put(uint8_t{8}).put(uid).put(id).put(flags);
}
inline void x2apic(Writer& out, uint32_t uid, uint32_t id, uint32_t flags = 1) {
    out.put(uint8_t{9}).put(uint8_t{16}).put(uint16_t{0}).put(id).put(flags).put(uid);
}
inline void io_apic(Writer& out, uint8_t id, uint32_t address, uint32_t first) {
    out.put(uint8_t{1}).put(uint8_t{12}).put(id).put(uint8_t{0}).put(address).put(first);
}
inline void interrupt_override(Writer& out, uint8_t source, uint32_t interrupt, uint16_t flags) {
    out.put(uint8_t{2}).put(uint8_t{10}).put(uint8_t{0}).put(source).put(interrupt).put(flags);
}

inline Writer srat(uint8_t revision = 3) {
    return table("SRAT", revision).put(1u).put(uint64_t{0});
}
inline void local_apic_affinity(Writer& out, uint32_t domain, uint8_t id, uint32_t flags = 1) {
    out.put(uint8_t{0}).put(uint8_t{16}).put(static_cast<uint8_t>(domain)).put(id).put(flags);
    out.put((domain & ~0xffu) | 0x55).put(0u);  // the low byte there is another field
}
inline void x2apic_affinity(Writer& out, uint32_t domain, uint32_t id, uint32_t flags = 1) {
    out.put(uint8_t{2}).put(uint8_t{24}).put(uint16_t{0}).put(domain).put(id).put(flags).put(uint64_t{0});
}
inline void memory_affinity(Writer& out, uint32_t domain, uint64_t base, uint64_t size, uint32_t flags = 1) {
    out.put(uint8_t{1}).put(uint8_t{40}).put(domain).put(uint16_t{0}).put(base).put(size).put(0u).put(flags);
    out.put(uint64_t{0});
}

inline Writer slit(std::initializer_list<std::initializer_list<int>> rows) {
    Writer out = table("SLIT", 1).put(uint64_t{rows.size()});
    for (auto row : rows) {
        for (int distance : row) out.put(static_cast<uint8_t>(distance));
    }
    return out;
}

// An entry a call of configuration_space.
inline Writer mcfg() {
    return table("MCFG", 1).put(uint64_t{0});
}
inline void configuration_space(Writer& out, uint64_t base, uint16_t segment, uint8_t first, uint8_t last) {
    out.put(base).put(segment).put(first).put(last).put(0u);
}

inline Writer hmat(uint8_t revision = 2) {
    return table("HMAT", revision).put(0u);
}
// A square matrix; entries in `unit`.
inline void locality(Writer& out, uint8_t hierarchy, uint8_t type, std::initializer_list<uint32_t> domains,
                     uint64_t unit, std::initializer_list<int> entries) {
    auto count = static_cast<uint32_t>(domains.size());
    out.put(uint16_t{1}).put(uint16_t{0}).put(32 + 8 * count + 2 * count * count);
    out.put(hierarchy).put(type).put(uint16_t{0}).put(count).put(count).put(0u).put(unit);
    for (int list = 0; list < 2; ++list) {
        for (uint32_t domain : domains) out.put(domain);
    }
    for (int entry : entries) out.put(static_cast<uint16_t>(entry));
}

inline Writer fadt(uint64_t dsdt, uint32_t flags = 1u << 10) {
    Writer out = table("FACP", 4).fill_to(268);
    out.set(40, static_cast<uint32_t>(dsdt)).set(48, 0xb2u).set(52, uint8_t{0xf1});
    out.set(64, 0x604u).set(112, flags);
    out.set(116, uint8_t{1}).set(117, uint8_t{8}).set(120, uint64_t{0xcf9}).set(128, uint8_t{0x0f});
    return out;
}

inline Writer dsdt(std::initializer_list<int> aml) {
    Writer out = table("DSDT", 1).put(uint64_t{0x1122334455667788});
    for (int byte : aml) out.put(static_cast<uint8_t>(byte));
    return out.put(uint64_t{0});
}

// Physical memory with tables in it. Each read overwrites the window of the one before and faults behind its
// end, which is as much as PhysicalReader promises.
class FirmwareImage : public firmware::PhysicalReader {
  public:
    static constexpr uint64_t rsdp_address = 0xe0000;

    base::Result<std::span<const std::byte>> read(base::PhysAddr where, uint64_t size) override {
        auto found = memory_.upper_bound(where.value);
        if (found == memory_.begin()) return base::Error::out_of_range;
        --found;
        const auto& [start, bytes] = *found;
        uint64_t offset = where.value - start;
        if (offset > bytes.size() || size > bytes.size() - offset) return base::Error::out_of_range;
        return window_.place(std::span(bytes).subspan(offset, size));
    }

    // Puts a table somewhere and into the directory; sealed unless told otherwise.
    uint64_t add(Writer table, bool sealed = true) {
        uint64_t address = place(std::move(table), sealed);
        directory_.push_back(address);
        return address;
    }
    uint64_t place(Writer table, bool sealed = true) {
        if (sealed) seal(table);
        uint64_t address = next_;
        next_ += (table.size() + 0xfff) / 0x1000 * 0x1000;
        memory_[address] = std::move(table.bytes);
        return address;
    }

    // Writes directory and RSDP: ACPI 1 (RSDT) or ACPI 2 (XSDT and RSDT).
    void finish(int revision = 2) {
        Writer rsdt = table("RSDT", 1), xsdt = table("XSDT", 1);
        for (uint64_t address : directory_) rsdt.put(static_cast<uint32_t>(address)), xsdt.put(address);
        rsdt_address = place(rsdt);
        xsdt_address = place(xsdt);
        Writer rsdp;
        rsdp.text("RSD PTR ").put(uint8_t{0}).text("SKERRY").put(static_cast<uint8_t>(revision < 2 ? 0 : 2));
        rsdp.put(static_cast<uint32_t>(rsdt_address));
        balance(rsdp, 8, 20);
        if (revision >= 2) {
            rsdp.put(36u).put(xsdt_address).put(0u);
            balance(rsdp, 32, 36);
        }
        memory_[rsdp_address] = rsdp.bytes;
    }

    std::vector<std::byte>& at(uint64_t address) { return memory_.at(address); }
    const std::vector<uint64_t>& directory() const { return directory_; }

    uint64_t rsdt_address = 0, xsdt_address = 0;

  private:
    std::map<uint64_t, std::vector<std::byte>> memory_;
    std::vector<uint64_t> directory_;
    uint64_t next_ = 0x7fe0'0000;
    Guarded window_{1 << 20};
};

// Two packages of two cores, domains 3 and 1 (in this order), an I/O APIC, power control.
struct SmallMachine {
    FirmwareImage image;
    uint64_t madt_address, srat_address, slit_address, hmat_address, mcfg_address, fadt_address, dsdt_address;

    explicit SmallMachine(int revision = 2) {
        Writer processors = madt();
        local_apic(processors, 0, 0), local_apic(processors, 1, 1), local_apic(processors, 2, 4);
        local_apic(processors, 3, 5), local_apic(processors, 4, 6, 0);
        io_apic(processors, 8, 0xfec0'0000, 0);
        interrupt_override(processors, 0, 2, 0), interrupt_override(processors, 9, 9, 0xf);
        madt_address = image.add(processors);
        Writer affinity = srat();
        local_apic_affinity(affinity, 3, 0), local_apic_affinity(affinity, 3, 1);
        local_apic_affinity(affinity, 1, 4), local_apic_affinity(affinity, 1, 5);
        memory_affinity(affinity, 3, 0, 0xa0000), memory_affinity(affinity, 3, 0x10'0000, 0x3ff0'0000);
        memory_affinity(affinity, 1, 0x4000'0000, 0x4000'0000);
        srat_address = image.add(affinity);
        slit_address = image.add(slit({{10, 20, 20, 20}, {20, 10, 20, 21}, {20, 20, 10, 20}, {20, 22, 20, 10}}));
        Writer prices = hmat();
        locality(prices, 0, 0, {3, 1}, 1000, {90, 120, 121, 91}), locality(prices, 0, 3, {3, 1}, 1, {90, 20, 21, 91});
        hmat_address = image.add(prices);
        Writer configuration = mcfg();
        configuration_space(configuration, 0xb000'0000, 0, 0, 255);
        mcfg_address = image.add(configuration);
        dsdt_address = image.place(dsdt({0x08, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x0a, 0x05, 0x01, 0x00, 0x00}));
        fadt_address = image.add(fadt(dsdt_address));
        image.finish(revision);
    }
    base::Status discover(firmware::Topology& topology, uint32_t package_shift = 2) {
        return firmware::discover(image, base::PhysAddr{FirmwareImage::rsdp_address}, {package_shift}, topology);
    }
};

inline std::string_view describe(const firmware::AcpiProblem& problem, base::Text& buffer) {
    buffer.clear();
    firmware::describe(buffer, problem);
    return buffer.view();
}

}  // namespace skerry::test
