#include "platforms/hosted/programs.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "capabilities/interface/boot_record.hpp"
#include "platform/page_table.hpp"
#include "platform/user/context.hpp"
#include "platform/user/core_start.hpp"
#include "platforms/hosted/core_thread.hpp"
#include "platforms/image/crc32.hpp"
#include "usr/runtime/program.hpp"

#include SKERRY_PROGRAM_LIST  // this machine's (meson.build)

#define SKERRY_DECLARE(name, bytes) int skerry_program_##name(skerry::runtime::Program& program);
SKERRY_HOSTED_PROGRAMS(SKERRY_DECLARE)

extern "C" [[noreturn]] void skerry_start(skerry::capabilities::DispatcherPage* page,
                                          skerry::runtime::Message* message);

namespace skerry::hosted {

namespace {

struct Registered {
    const char* name;
    int (*main)(runtime::Program&);
    uint64_t static_bytes;
};
#define SKERRY_LIST(name, bytes) {#name, &skerry_program_##name, bytes},
constexpr Registered programs[] = {SKERRY_HOSTED_PROGRAMS(SKERRY_LIST)};

constexpr uint64_t text_address = 0x40'0000, data_address = 0x80'0000, entry_distance = 64;

// What a program's linker would have given it.
struct ProgramMemory {
    static constexpr uint64_t small_stack = upcall_stack_bytes, main_stack = 262144;
    struct Static {
        const void* key;
        std::byte* place;
    };
    uint64_t index;  // of the program
    uint64_t used;   // bytes of static data
    Static statics[8];
    alignas(4096) std::byte upcall_stack[small_stack];
    alignas(4096) std::byte fault_stack[small_stack];
    alignas(4096) std::byte default_stack[main_stack];
    std::byte* data() { return reinterpret_cast<std::byte*>(this + 1); }
};

ProgramMemory& own_memory() {
    std::byte* place = CoreThread::here().host(data_address);
    SKERRY_ASSERT(place != nullptr);
    return *reinterpret_cast<ProgramMemory*>(place);
}

// --- the archive ---

struct Bytes {
    std::vector<std::byte> data;
    template <typename T>
    Bytes& put(T value) {
        return append(&value, sizeof value);
    }
    Bytes& append(const void* from, size_t count) {
        auto* bytes = static_cast<const std::byte*>(from);
        data.insert(data.end(), bytes, bytes + count);
        return *this;
    }
    Bytes& fill(size_t multiple) {
        data.resize(base::round_up(data.size(), multiple));
        return *this;
    }
};

struct Segment {
    uint32_t flags;
    uint64_t address;
    std::vector<std::byte> contents;
    uint64_t memory_bytes;
};

// An ELF64 file with these segments; each begins at a page of the file.
std::vector<std::byte> make_elf(uint64_t entry, const std::vector<Segment>& segments) {
    Bytes file;
    const uint8_t identity[16] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    file.append(identity, sizeof identity);
    file.put(uint16_t{2}).put(platform::PageTable::elf_machine).put(1u).put(entry).put(uint64_t{64}).put(uint64_t{0});
    file.put(0u).put(uint16_t{64}).put(uint16_t{56}).put(static_cast<uint16_t>(segments.size()));
    file.put(uint16_t{64}).put(uint16_t{0}).put(uint16_t{0});
    uint64_t offset = base::page_size;
    for (const Segment& s : segments) {
        file.put(1u).put(s.flags).put(offset).put(s.address).put(s.address);
        file.put(uint64_t{s.contents.size()}).put(s.memory_bytes).put(uint64_t{base::page_size});
        offset += base::round_up(s.contents.size(), base::page_size);
    }
    for (const Segment& s : segments) file.fill(base::page_size).append(s.contents.data(), s.contents.size());
    return file.fill(base::page_size).data;
}

constexpr uint32_t read_execute = 5, read_write = 6;

std::vector<std::byte> program_file(size_t index) {
    std::vector<std::byte> text(base::page_size);
    // The program learns from its own text which it is.
    return make_elf(text_address + entry_distance * index,
                    {{read_execute, text_address, text, text.size()},
                     {read_write, data_address, {}, sizeof(ProgramMemory) + programs[index].static_bytes}});
}

// The record comes first, with the entry in it; it must lie in text.
std::vector<std::byte> driver_file() {
    std::vector<std::byte> image(driver_image_bytes());
    auto& record = *reinterpret_cast<capabilities::BootRecord*>(image.data());
    record.entry = platform::start_image_address;
    return make_elf(record.entry, {{read_execute, platform::start_image_address, image, image.size()}});
}

}  // namespace

std::vector<std::byte> make_archive(std::span<const std::string_view> left_out) {
    std::vector<std::pair<std::string, std::vector<std::byte>>> files;
    for (size_t i = 0; i < std::size(programs); ++i) {
        bool in = std::find(left_out.begin(), left_out.end(), programs[i].name) == left_out.end();
        if (in) files.emplace_back(programs[i].name, program_file(i));
    }
    files.emplace_back("cpudriver", driver_file());
    std::sort(files.begin(), files.end());
    uint64_t offset = base::round_up(64 + 64 * files.size(), base::page_size);
    Bytes table, bodies;
    uint64_t total = offset;
    for (auto& [name, contents] : files) total += base::round_up(contents.size(), base::page_size);
    table.put(static_cast<uint32_t>(files.size())).put(total).fill(16);
    table.data.resize(64 - 16);
    for (auto& [name, contents] : files) {
        char padded[32] = {};
        std::copy(name.begin(), name.end(), padded);
        table.append(padded, sizeof padded).put(offset).put(uint64_t{contents.size()});
        table.put(image::crc32(contents)).fill(4);
        table.data.resize(table.data.size() + 12);
        bodies.append(contents.data(), contents.size()).fill(base::page_size);
        offset += base::round_up(contents.size(), base::page_size);
    }
    Bytes archive;
    archive.append("SKERRYAR", 8).put(1u).put(image::crc32(table.data)).append(table.data.data(), table.data.size());
    archive.fill(base::page_size).append(bodies.data.data(), bodies.data.size());
    return archive.data;
}

bool is_program_entry(uint64_t address) {
    return address >= text_address && address < text_address + entry_distance * std::size(programs);
}

std::byte* first_stack_top() {
    return own_memory().upcall_stack + ProgramMemory::small_stack;
}

size_t stack_bytes(const void* top) {
    ProgramMemory& memory = own_memory();
    return top == memory.default_stack + ProgramMemory::main_stack ? ProgramMemory::main_stack : upcall_stack_bytes;
}

void start_program(const platform::Registers& upcall) {
    own_memory().index = (upcall.ip - text_address) / entry_distance;
    auto* page = platform::at<capabilities::DispatcherPage>(upcall.page);
    SKERRY_ASSERT(page != nullptr);
    runtime::Message message{};
    message.token = upcall.upcall_word[0];
    message.header = capabilities::SendHeader{upcall.upcall_word[1]};
    message.badge = upcall.upcall_word[2];
    std::copy(std::begin(upcall.word), std::end(upcall.word), message.word.begin());
    skerry_start(page, &message);
}

}  // namespace skerry::hosted

// What the runtime calls as this program's main function.
int program_main(skerry::runtime::Program& program) {
    using namespace skerry::hosted;
    return programs[own_memory().index].main(program);
}

namespace skerry::platform {

using hosted::own_memory;
using hosted::ProgramMemory;

namespace {
uint64_t number(std::byte* pointer) {
    return reinterpret_cast<uint64_t>(pointer);
}
}  // namespace

uint64_t upcall_stack_top() {
    return number(own_memory().upcall_stack + ProgramMemory::small_stack);
}
uint64_t fault_stack_top() {
    return number(own_memory().fault_stack + ProgramMemory::small_stack);
}
uint64_t default_stack_base() {
    return number(own_memory().default_stack);
}
uint64_t default_stack_top() {
    return number(own_memory().default_stack + ProgramMemory::main_stack);
}
void run_constructors() {}

std::byte* static_storage(const void* key, size_t bytes, size_t alignment) {
    ProgramMemory& memory = own_memory();
    for (ProgramMemory::Static& entry : memory.statics) {
        if (entry.key == key) return entry.place;
        if (entry.key != nullptr) continue;
        memory.used = base::round_up(memory.used, alignment);
        entry = {key, memory.data() + memory.used};
        memory.used += bytes;
        SKERRY_ASSERT(memory.used <= hosted::programs[memory.index].static_bytes);
        return entry.place;
    }
    SKERRY_ASSERT(!"too many static objects");
    return nullptr;
}

}  // namespace skerry::platform
