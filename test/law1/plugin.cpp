// A QEMU plugin that watches CPU drivers. Loaded by -plugin file=law1.so,OPTION,...:
//   lines=FILE             at exit, which memory lines several drivers touched (lines.hpp)
//   window=BEGIN-END       virtual addresses through which drivers may share: the poke words
//   count=FILE             at exit, instructions by vCPU (counts.hpp)
//   from=ADDRESS,to=ADDRESS  and between these two instructions, on one vCPU
//   traffic=FILE           at exit, lines that went between vCPUs, by sample that a program marked (test/traffic);
//                          one host thread for all vCPUs
//   package=VCPUS          and which of them went from package to package
// Not seen: the processor's own accesses (page walks, what an interrupt pushes), and devices.
#include <cstdlib>
#include <cstring>
#include <string>

#include "test/law1/counts.hpp"
#include "test/law1/lines.hpp"
#include "test/law1/qemu_plugin.hpp"
#include "test/traffic/tally.hpp"

namespace skerry::law1 {
namespace {

constexpr uint64_t kernel_half = 0xffff'8000'0000'0000;
// Before any driver runs, instructions here lie where their address says: RAM, not paged or identity-mapped.
constexpr uint64_t identity_begin = 0x10'0000, identity_end = 0x4000'0000;

struct Block {  // a translated block's lines
    uint64_t first = 0, last = 0, instruction = 0;
};

struct Plugin {
    std::string lines_file, count_file, traffic_file;
    uint64_t window_begin = 0, window_end = 0;
    uint64_t ram = 0;  // where QEMU keeps the guest's physical address 0; 0 = not known yet
    Lines lines;
    Counts counts;
    traffic::Directory directory;
    traffic::Tally tally;
    std::deque<Block> blocks;
};

Plugin& plugin() {
    static Plugin* one = new Plugin;  // outlives every other static: QEMU calls us while it exits
    return *one;
}

void executed(unsigned vcpu, void* context) {
    plugin().counts.executed(vcpu, *static_cast<Site*>(context));
}

void block_executed(unsigned vcpu, void* context) {
    const Block& block = *static_cast<Block*>(context);
    plugin().lines.begin(vcpu);
    for (uint64_t line = block.first; line <= block.last; line += line_bytes)
        plugin().lines.touch(vcpu, line, Kind::fetch, block.instruction, false);
}

void accessed(unsigned vcpu, AccessInfo info, uint64_t address, void* context) {
    Plugin& p = plugin();
    HardwareAddress* where = qemu_plugin_get_hwaddr(info, address);
    if (where == nullptr || qemu_plugin_hwaddr_is_io(where)) return;
    uint64_t physical = qemu_plugin_hwaddr_phys_addr(where);
    uint64_t size = uint64_t{1} << qemu_plugin_mem_size_shift(info);
    Kind kind = qemu_plugin_mem_is_store(info) ? Kind::store : Kind::load;
    bool window = address >= p.window_begin && address < p.window_end;
    auto instruction = reinterpret_cast<uint64_t>(context);
    p.lines.touch(vcpu, physical, kind, instruction, window);
    // Over the end of a line, within a page.
    uint64_t last = physical + size - 1;
    if (last / line_bytes != physical / line_bytes && last / page_bytes == physical / page_bytes)
        p.lines.touch(vcpu, last, kind, instruction, window);
}

void moved(unsigned vcpu, AccessInfo info, uint64_t address, void* context) {
    Plugin& p = plugin();
    if (!p.tally.begun()) return;
    HardwareAddress* where = qemu_plugin_get_hwaddr(info, address);
    if (where == nullptr || qemu_plugin_hwaddr_is_io(where)) return;
    uint64_t physical = qemu_plugin_hwaddr_phys_addr(where);
    uint64_t last = physical + (uint64_t{1} << qemu_plugin_mem_size_shift(info)) - 1;
    bool kernel = context != nullptr,
         both = last / line_bytes != physical / line_bytes && last / page_bytes == physical / page_bytes;
    auto touch = qemu_plugin_mem_is_store(info) ? &traffic::Directory::store : &traffic::Directory::load;
    (p.directory.*touch)(vcpu, physical, kernel);
    if (both) (p.directory.*touch)(vcpu, last, kernel);
}

void mark_passed(unsigned vcpu, void* context) {
    Plugin& p = plugin();
    p.tally.passed(static_cast<traffic::Mark>(reinterpret_cast<uintptr_t>(context)), vcpu, p.directory.counts());
}

void watch_traffic(TranslatedBlock* block, uint64_t count) {
    void* kernel = qemu_plugin_tb_vaddr(block) >= kernel_half ? &plugin() : nullptr;
    for (uint64_t i = 0; i < count; ++i) {
        Instruction* instruction = qemu_plugin_tb_get_insn(block, i);
        auto mark = traffic::mark_of(static_cast<const uint8_t*>(qemu_plugin_insn_data(instruction)),
                                     qemu_plugin_insn_size(instruction));
        if (mark)
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, mark_passed, RegisterUse::none,
                                                   reinterpret_cast<void*>(static_cast<uintptr_t>(*mark)));
        qemu_plugin_register_vcpu_mem_cb(instruction, moved, RegisterUse::none, Accesses::all, kernel);
    }
}

void watch_lines(TranslatedBlock* block, uint64_t count) {
    Plugin& p = plugin();
    uint64_t start = qemu_plugin_tb_vaddr(block);
    Instruction* first = qemu_plugin_tb_get_insn(block, 0);
    auto host = reinterpret_cast<uint64_t>(qemu_plugin_insn_haddr(first));
    if (start < kernel_half) {
        if (p.ram == 0 && host != 0 && start >= identity_begin && start < identity_end) p.ram = host - start;
        return;
    }
    Instruction* last = qemu_plugin_tb_get_insn(block, count - 1);
    auto end = reinterpret_cast<uint64_t>(qemu_plugin_insn_haddr(last)) + qemu_plugin_insn_size(last) - 1;
    if (end < host || end - host > 2 * page_bytes) end = host;  // its pages are apart
    uint64_t down = ~(line_bytes - 1);
    Block& kept = p.blocks.emplace_back(Block{(host - p.ram) & down, (end - p.ram) & down, start});
    qemu_plugin_register_vcpu_tb_exec_cb(block, block_executed, RegisterUse::none, &kept);
    for (uint64_t i = 0; i < count; ++i) {
        Instruction* instruction = qemu_plugin_tb_get_insn(block, i);
        qemu_plugin_register_vcpu_mem_cb(instruction, accessed, RegisterUse::none, Accesses::all,
                                         reinterpret_cast<void*>(qemu_plugin_insn_vaddr(instruction)));
    }
}

void translated(PluginId, TranslatedBlock* block) {
    Plugin& p = plugin();
    uint64_t count = qemu_plugin_tb_n_insns(block);
    if (count == 0) return;
    if (!p.lines_file.empty()) watch_lines(block, count);
    if (!p.traffic_file.empty()) watch_traffic(block, count);
    if (p.count_file.empty()) return;
    for (uint64_t i = 0; i < count; ++i) {
        Instruction* instruction = qemu_plugin_tb_get_insn(block, i);
        Site* site = p.counts.site(qemu_plugin_insn_vaddr(instruction));
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, executed, RegisterUse::none, site);
    }
}

template <typename What>
void write_file(const std::string& name, const What& what) {
    if (name.empty()) return;
    std::FILE* out = std::fopen(name.c_str(), "w");
    if (out == nullptr) return qemu_plugin_outs("law1: the report cannot be written\n");
    what.write(out);
    std::fclose(out);
}

void ended(PluginId, void*) {
    write_file(plugin().lines_file, plugin().lines);
    write_file(plugin().count_file, plugin().counts);
    write_file(plugin().traffic_file, plugin().tally);
}

// False if the option is unknown or has no sensible value.
bool take_option(const std::string& option, uint64_t& from, uint64_t& to) {
    Plugin& p = plugin();
    size_t equals = option.find('=');
    if (equals == std::string::npos) return false;
    std::string name = option.substr(0, equals), value = option.substr(equals + 1);
    char* rest = nullptr;
    uint64_t number = std::strtoull(value.c_str(), &rest, 0);
    if (name == "lines") return p.lines_file = value, !value.empty();
    if (name == "count") return p.count_file = value, !value.empty();
    if (name == "traffic") return p.traffic_file = value, !value.empty();
    if (name == "package") return p.directory.set_package(static_cast<unsigned>(number)), *rest == 0 && number != 0;
    if (name == "from") return from = number, *rest == 0 && number != 0;
    if (name == "to") return to = number, *rest == 0 && number != 0;
    if (name != "window" || *rest != '-') return false;
    p.window_begin = number;
    p.window_end = std::strtoull(rest + 1, &rest, 0);
    return *rest == 0 && p.window_begin < p.window_end;
}

}  // namespace
}  // namespace skerry::law1

extern "C" {
__attribute__((visibility("default"))) int qemu_plugin_version = 1;

__attribute__((visibility("default"))) int qemu_plugin_install(PluginId id, const QemuInfo* info, int count,
                                                               char** options) {
    using namespace skerry::law1;
    uint64_t from = 0, to = 0;
    for (int i = 0; i < count; ++i) {
        if (take_option(options[i], from, to)) continue;
        std::fprintf(stderr, "law1: '%s' is no option of this plugin\n", options[i]);
        return 1;
    }
    if (!info->system_emulation || (from == 0) != (to == 0)) {
        std::fprintf(stderr, "law1: watches whole systems; from and to come together\n");
        return 1;
    }
    plugin().counts.between(from, to);
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, nullptr);
    return 0;
}
}
