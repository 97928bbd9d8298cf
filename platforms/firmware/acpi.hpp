// Finding ACPI tables and judging them by their checksums. Nothing here interprets a table: madt, srat, slit
// and fadt do, and discover.hpp is the front door.
//
//     RSDP --> XSDT (or RSDT) --> MADT "APIC"   SRAT   SLIT   FADT "FACP" --> DSDT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "platforms/base/bounded.hpp"
#include "platforms/base/bytes.hpp"
#include "platforms/base/format.hpp"
#include "platforms/base/ids.hpp"
#include "platforms/base/result.hpp"

namespace skerry::firmware {

using base::Bounded;
using base::Bytes;

// How the caller reaches physical memory. The span holds exactly `size` bytes and must stay valid, and
// unchanged, until the next read: one window that moves is enough. Not pure virtual, so that nothing needs a
// runtime for it.
class PhysicalReader {
  public:
    virtual base::Result<std::span<const std::byte>> read(base::PhysAddr, uint64_t /*size*/) {
        return base::Error::unsupported;
    }

  protected:
    PhysicalReader() = default;
    ~PhysicalReader() = default;
};

enum class AcpiFault : uint8_t {
    none,
    missing,     // no such table
    unreadable,  // the reader refused its memory
    checksum,    // its bytes do not add up to zero; the table is ignored
    malformed,   // broken lengths or values; what follows in the table is ignored
    no_room,     // more entries than fit; the rest is ignored
};
const char* text(AcpiFault fault);
base::Error error(AcpiFault fault);  // not_found, refused, corrupt, corrupt, full

struct AcpiProblem {
    char signature[5] = "";  // of the table, as the firmware spells it; "RSDP" for the root
    AcpiFault fault = AcpiFault::none;
};
// "ACPI table SRAT: wrong checksum, table ignored". One line without its end; unprintable letters become '?'.
void describe(base::Text& out, const AcpiProblem& problem);

// What was wrong, each at most once; what does not fit is dropped.
class AcpiProblems : public Bounded<AcpiProblem, 16> {
  public:
    // Notes the fault (none is not noted) and returns its error.
    base::Error note(std::string_view signature, AcpiFault fault);
};

constexpr uint64_t acpi_header_size = 36;          // of every table but the RSDP; bytes
constexpr uint64_t acpi_table_maximum = 4u << 20;  // bytes; the largest DSDTs are under 1 MiB

struct Rsdp {
    base::PhysAddr table;   // XSDT or RSDT
    bool extended = false;  // true: an XSDT, with 64-bit addresses
    base::PhysAddr older;   // the RSDT to fall back to if the XSDT is broken; 0 = none
};
// Checks signature and checksums (ACPI 1: 20 bytes; ACPI 2: all). Errors: corrupt.
// `fault` (may be null) is set to what was wrong, or none.
base::Result<Rsdp> parse_rsdp(std::span<const std::byte> bytes, AcpiFault* fault = nullptr);
// The same from memory. Errors: also refused (the reader does not give the memory).
base::Result<Rsdp> read_rsdp(PhysicalReader& reader, base::PhysAddr where, AcpiFault* fault = nullptr);

// Whether all bytes add up to zero modulo 256.
bool checksum_ok(Bytes bytes);
// Reads one whole table and checks signature (unless empty), length and checksum.
base::Result<Bytes> load_table(PhysicalReader& reader, base::PhysAddr where, std::string_view signature,
                               AcpiFault& fault);

// The directory that the RSDP leads to. Holds addresses only; a table is read and judged when it is asked
// for.
class AcpiTables {
  public:
    // Errors: corrupt, refused (neither XSDT nor RSDT is usable; noted in `problems`).
    static base::Result<AcpiTables> open(PhysicalReader& reader, const Rsdp& rsdp, AcpiProblems& problems);

    // The first table with this signature, valid until the reader's next read. Errors: not_found (not noted:
    // most tables are optional), corrupt, refused (noted).
    base::Result<Bytes> load(PhysicalReader& reader, std::string_view signature, AcpiProblems& problems) const;

    uint32_t count() const { return tables_.size(); }

  private:
    struct Location {
        uint32_t signature;
        base::PhysAddr address;
    };
    base::Status fill(PhysicalReader& reader, base::PhysAddr where, bool extended, AcpiProblems& problems);
    Bounded<Location, 64> tables_;
};

}  // namespace skerry::firmware
