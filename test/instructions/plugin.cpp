// A QEMU plugin: -plugin file=instructions.so,report=FILE,begin=ADDRESS,end=ADDRESS,skip=BEGIN-END
// or -plugin file=instructions.so,report=FILE,marks=all: begin, end and poll loops by the marks that programs have
// (platform/user/mark.hpp).
#include <cstdlib>
#include <string>

#include "test/instructions/counts.hpp"
#include "test/law1/qemu_plugin.hpp"
#include "test/traffic/mark.hpp"

namespace skerry::instructions {
namespace {

struct Plugin {
    std::string report;
    Where where;
    bool marks = false;
    Counts counts{where};
};
constexpr uint64_t kernel_half = uint64_t{1} << 63;

Plugin& plugin() {
    static Plugin* one = new Plugin;  // outlives every other static: QEMU calls us while it exits
    return *one;
}

void executed(unsigned vcpu, void*) {
    plugin().counts.executed(vcpu);
}
void passed(unsigned vcpu, void* context) {
    plugin().counts.passed(vcpu, reinterpret_cast<uint64_t>(context));
}

// The marks are functions that do nothing but return. Other programs have other code at those addresses.
bool returns(const Instruction* instruction) {
    constexpr uint8_t ret = 0xc3;
    return qemu_plugin_insn_size(instruction) == 1 &&
           *static_cast<const uint8_t*>(qemu_plugin_insn_data(instruction)) == ret;
}

void executed_by_driver(unsigned vcpu, void*) {
    plugin().counts.executed_by_driver(vcpu);
}
void marked(unsigned vcpu, void* context) {
    Counts& counts = plugin().counts;
    const Where& where = plugin().where;
    switch (static_cast<traffic::Mark>(reinterpret_cast<uintptr_t>(context))) {
        case traffic::Mark::begin:
            return counts.passed(vcpu, where.begin);
        case traffic::Mark::end:
            return counts.passed(vcpu, where.end);
        case traffic::Mark::look:
            return counts.look(vcpu);
        case traffic::Mark::found:
            return counts.found(vcpu);
        default:
            return;
    }
}

void translated_with_marks(PluginId, TranslatedBlock* block) {
    bool driver = qemu_plugin_tb_vaddr(block) >= kernel_half;
    uint64_t count = qemu_plugin_tb_n_insns(block);
    for (uint64_t i = 0; i < count; ++i) {
        Instruction* instruction = qemu_plugin_tb_get_insn(block, i);
        auto mark = traffic::mark_of(static_cast<const uint8_t*>(qemu_plugin_insn_data(instruction)),
                                     qemu_plugin_insn_size(instruction));
        if (mark)
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, marked, RegisterUse::none,
                                                   reinterpret_cast<void*>(static_cast<uintptr_t>(*mark)));
        else
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, driver ? executed_by_driver : executed,
                                                   RegisterUse::none, nullptr);
    }
}

void translated(PluginId, TranslatedBlock* block) {
    const Counts& counts = plugin().counts;
    uint64_t count = qemu_plugin_tb_n_insns(block);
    for (uint64_t i = 0; i < count; ++i) {
        Instruction* instruction = qemu_plugin_tb_get_insn(block, i);
        uint64_t address = qemu_plugin_insn_vaddr(instruction);
        if (counts.mark(address) && returns(instruction))
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, passed, RegisterUse::none,
                                                   reinterpret_cast<void*>(address));
        else if (counts.counted(address))
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, executed, RegisterUse::none, nullptr);
    }
}

void ended(PluginId, void*) {
    std::FILE* out = std::fopen(plugin().report.c_str(), "w");
    if (out == nullptr) return qemu_plugin_outs("instructions: the report cannot be written\n");
    plugin().counts.write(out);
    std::fclose(out);
}

// False if the option is unknown or has no sensible value.
bool take_option(const std::string& option, Plugin& p) {
    size_t equals = option.find('=');
    if (equals == std::string::npos) return false;
    std::string name = option.substr(0, equals), value = option.substr(equals + 1);
    if (name == "report") return p.report = value, !value.empty();
    // Addresses at which no program has code: the marks stand for them.
    if (name == "marks") return p.where = {1, 2, 3, 4}, p.marks = value == "all";
    char* rest = nullptr;
    uint64_t number = std::strtoull(value.c_str(), &rest, 0);
    if (name == "begin") return p.where.begin = number, *rest == 0;
    if (name == "end") return p.where.end = number, *rest == 0;
    if (name != "skip" || *rest != '-') return false;
    p.where.skip_begin = number;
    p.where.skip_end = std::strtoull(rest + 1, &rest, 0);
    return *rest == 0 && p.where.skip_begin < p.where.skip_end;
}

}  // namespace
}  // namespace skerry::instructions

extern "C" {
__attribute__((visibility("default"))) int qemu_plugin_version = 1;

__attribute__((visibility("default"))) int qemu_plugin_install(PluginId id, const QemuInfo* info, int count,
                                                               char** options) {
    using namespace skerry::instructions;
    Plugin& p = plugin();
    for (int i = 0; i < count; ++i) {
        if (take_option(options[i], p)) continue;
        std::fprintf(stderr, "instructions: '%s' is no option of this plugin\n", options[i]);
        return 1;
    }
    bool complete = !p.report.empty() && p.where.begin != 0 && p.where.end != 0 && p.where.skip_begin != 0;
    if (!info->system_emulation || !complete) {
        std::fprintf(stderr,
                     "instructions: watches whole systems; report, and begin, end and skip or marks=all are needed\n");
        return 1;
    }
    p.counts = Counts(p.where);
    qemu_plugin_register_vcpu_tb_trans_cb(id, p.marks ? translated_with_marks : translated);
    qemu_plugin_register_atexit_cb(id, ended, nullptr);
    return 0;
}
}
