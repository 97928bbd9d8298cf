#include "platforms/firmware/acpi.hpp"

namespace skerry::firmware {
namespace {

using base::Error;
using base::PhysAddr;
using base::Result;
using base::Status;

constexpr uint64_t rsdp_size_1 = 20;  // ACPI 1.0
constexpr uint64_t rsdp_size_2 = 36;  // from ACPI 2.0 on

struct FaultInfo {
    const char* text;
    Error error;
};
constexpr FaultInfo faults[] = {
    {"no problem", Error::none},
    {"missing", Error::not_found},
    {"its memory cannot be read, table ignored", Error::refused},
    {"wrong checksum, table ignored", Error::corrupt},
    {"malformed, ignored from there on", Error::corrupt},
    {"more entries than there is room for, rest ignored", Error::full},
};

// A reader that hands out less than was asked must not make us read behind its end.
Result<Bytes> read_exactly(PhysicalReader& reader, PhysAddr where, uint64_t size) {
    if (size == 0 || size - 1 > UINT64_MAX - where.value) return Error::out_of_range;
    auto bytes = reader.read(where, size);
    if (!bytes.ok()) return bytes.error();
    if (bytes->size() < size) return Error::out_of_range;
    return Bytes(bytes->first(size));
}

uint32_t signature_word(std::string_view signature) {
    SKERRY_ASSERT(signature.size() == 4);
    uint32_t word;
    __builtin_memcpy(&word, signature.data(), sizeof(word));
    return word;
}

AcpiFault check_rsdp(Bytes bytes, Rsdp& rsdp) {
    if (!bytes.holds(0, rsdp_size_1)) return AcpiFault::malformed;
    if (bytes.get<uint64_t>(0) != 0x2052'5450'2044'5352) return AcpiFault::malformed;  // "RSD PTR "
    if (!checksum_ok(bytes.part(0, rsdp_size_1))) return AcpiFault::checksum;
    PhysAddr rsdt{bytes.get<uint32_t>(16)};
    rsdp = {rsdt, false, PhysAddr{0}};
    if (bytes.get<uint8_t>(15) >= 2) {
        if (!bytes.holds(0, rsdp_size_2)) return AcpiFault::malformed;
        uint32_t length = bytes.get<uint32_t>(20);
        if (length < rsdp_size_2 || !bytes.holds(0, length)) return AcpiFault::malformed;
        if (!checksum_ok(bytes.part(0, length))) return AcpiFault::checksum;
        PhysAddr xsdt{bytes.get<uint64_t>(24)};
        if (xsdt.value != 0) rsdp = {xsdt, true, rsdt};
    }
    return rsdp.table.value != 0 ? AcpiFault::none : AcpiFault::malformed;
}

}  // namespace

const char* text(AcpiFault fault) {
    SKERRY_ASSERT(fault <= AcpiFault::no_room);
    return faults[static_cast<size_t>(fault)].text;
}

Error error(AcpiFault fault) {
    SKERRY_ASSERT(fault <= AcpiFault::no_room);
    return faults[static_cast<size_t>(fault)].error;
}

void describe(base::Text& out, const AcpiProblem& problem) {
    out << "ACPI table ";
    for (uint32_t i = 0; i < 4; ++i) {
        char c = problem.signature[i];
        out << (c > ' ' && c <= '~' ? c : '?');
    }
    out << ": " << text(problem.fault);
}

Error AcpiProblems::note(std::string_view signature, AcpiFault fault) {
    if (fault == AcpiFault::none) return Error::none;
    AcpiProblem problem{"", fault};
    for (size_t i = 0; i < 4 && i < signature.size(); ++i) problem.signature[i] = signature[i];
    bool known = false;
    for (const AcpiProblem& other : *this) {
        known |= other.fault == fault && std::string_view(other.signature) == problem.signature;
    }
    // A firmware that has more to be said about it than fits has been judged already.
    if (!known) static_cast<void>(add(problem));
    return error(fault);
}

bool checksum_ok(Bytes bytes) {
    uint8_t sum = 0;
    for (std::byte b : bytes.span()) sum = static_cast<uint8_t>(sum + static_cast<uint8_t>(b));
    return sum == 0;
}

Result<Rsdp> parse_rsdp(std::span<const std::byte> bytes, AcpiFault* fault) {
    Rsdp rsdp;
    AcpiFault found = check_rsdp(bytes, rsdp);
    if (fault) *fault = found;
    if (found != AcpiFault::none) return error(found);
    return rsdp;
}

Result<Rsdp> read_rsdp(PhysicalReader& reader, PhysAddr where, AcpiFault* fault) {
    if (fault) *fault = AcpiFault::unreadable;
    // A copy of an ACPI 1 RSDP may end after its 20 bytes: ask for more only if it says that there is more.
    auto bytes = read_exactly(reader, where, rsdp_size_1);
    if (bytes.ok() && bytes->get<uint8_t>(15) >= 2) {
        bytes = read_exactly(reader, where, rsdp_size_2);
        uint32_t length = bytes.ok() ? bytes->get<uint32_t>(20) : 0;
        if (length > rsdp_size_2 && length <= base::page_size) bytes = read_exactly(reader, where, length);
    }
    if (!bytes.ok()) return error(AcpiFault::unreadable);
    return parse_rsdp(bytes->span(), fault);
}

Result<Bytes> load_table(PhysicalReader& reader, PhysAddr where, std::string_view signature, AcpiFault& fault) {
    fault = AcpiFault::unreadable;
    auto header = read_exactly(reader, where, acpi_header_size);
    if (!header.ok()) return error(fault);
    uint32_t found = header->get<uint32_t>(0), length = header->get<uint32_t>(4);
    fault = AcpiFault::malformed;
    if (!signature.empty() && found != signature_word(signature)) return error(fault);
    if (length < acpi_header_size || length > acpi_table_maximum) return error(fault);
    fault = AcpiFault::unreadable;
    auto table = read_exactly(reader, where, length);
    if (!table.ok()) return error(fault);
    fault = checksum_ok(*table) ? AcpiFault::none : AcpiFault::checksum;
    if (fault != AcpiFault::none) return error(fault);
    return *table;
}

Result<AcpiTables> AcpiTables::open(PhysicalReader& reader, const Rsdp& rsdp, AcpiProblems& problems) {
    AcpiTables tables;
    Status filled = tables.fill(reader, rsdp.table, rsdp.extended, problems);
    if (!filled.ok() && rsdp.older.value != 0) filled = tables.fill(reader, rsdp.older, false, problems);
    if (!filled.ok()) return filled.error();
    return tables;
}

Status AcpiTables::fill(PhysicalReader& reader, PhysAddr where, bool extended, AcpiProblems& problems) {
    std::string_view root = extended ? "XSDT" : "RSDT";
    uint64_t width = extended ? 8 : 4;
    AcpiFault fault;
    auto loaded = load_table(reader, where, root, fault);
    if (!loaded.ok()) return problems.note(root, fault);
    uint64_t count = (loaded->size() - acpi_header_size) / width;
    if (count > tables_.capacity) {
        problems.note(root, AcpiFault::no_room);
        count = tables_.capacity;
    }
    for (uint64_t i = 0; i < count; ++i) {
        uint64_t at = acpi_header_size + i * width;
        uint64_t address = extended ? loaded->get<uint64_t>(at) : loaded->get<uint32_t>(at);
        if (address == 0) continue;  // some firmware leaves holes
        if (!tables_.add({0, PhysAddr{address}})) break;
    }
    // Only now the signatures: each read may move the reader's window away from the directory.
    for (Location& location : tables_) {
        auto header = read_exactly(reader, location.address, acpi_header_size);
        if (header.ok()) {
            location.signature = header->get<uint32_t>(0);
        } else {
            problems.note("????", AcpiFault::unreadable);
        }
    }
    return {};
}

Result<Bytes> AcpiTables::load(PhysicalReader& reader, std::string_view signature, AcpiProblems& problems) const {
    for (const Location& location : tables_) {
        if (location.signature != signature_word(signature)) continue;
        AcpiFault fault;
        auto table = load_table(reader, location.address, signature, fault);
        if (!table.ok()) return problems.note(signature, fault);
        return table;
    }
    return Error::not_found;
}

}  // namespace skerry::firmware
