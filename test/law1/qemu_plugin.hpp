// The part of QEMU's plugin interface (API 1, QEMU 6.0 to 8.2) that is used here, declared by ourselves:
// Debian ships no header. Everything is C linkage and looked up in the QEMU process that loads the plugin.
// Names of functions are QEMU's.
#pragma once

#include <cstdint>

extern "C" {

using PluginId = uint64_t;
using AccessInfo = uint32_t;

struct QemuInfo {
    const char* target_name;
    struct {
        int min, cur;
    } version;
    bool system_emulation;
    struct {
        int smp_vcpus, max_vcpus;
    } system;
};

struct TranslatedBlock;
struct Instruction;
struct HardwareAddress;

enum class RegisterUse { none, read, write };
enum class Accesses { loads = 1, stores, all };

using Translate = void (*)(PluginId id, TranslatedBlock* block);
using Executed = void (*)(unsigned vcpu, void* context);
using Accessed = void (*)(unsigned vcpu, AccessInfo info, uint64_t vaddr, void* context);
using Ended = void (*)(PluginId id, void* context);

void qemu_plugin_register_vcpu_tb_trans_cb(PluginId id, Translate callback);
void qemu_plugin_register_vcpu_tb_exec_cb(TranslatedBlock* block, Executed callback, RegisterUse flags, void* context);
void qemu_plugin_register_vcpu_insn_exec_cb(Instruction* instruction, Executed callback, RegisterUse flags,
                                            void* context);
void qemu_plugin_register_vcpu_mem_cb(Instruction* instruction, Accessed callback, RegisterUse flags, Accesses which,
                                      void* context);
void qemu_plugin_register_atexit_cb(PluginId id, Ended callback, void* context);

uint64_t qemu_plugin_tb_n_insns(const TranslatedBlock* block);
uint64_t qemu_plugin_tb_vaddr(const TranslatedBlock* block);
Instruction* qemu_plugin_tb_get_insn(const TranslatedBlock* block, uint64_t index);
uint64_t qemu_plugin_insn_vaddr(const Instruction* instruction);
void* qemu_plugin_insn_haddr(const Instruction* instruction);  // where it lies in QEMU's own memory
uint64_t qemu_plugin_insn_size(const Instruction* instruction);
const void* qemu_plugin_insn_data(const Instruction* instruction);

unsigned qemu_plugin_mem_size_shift(AccessInfo info);
bool qemu_plugin_mem_is_store(AccessInfo info);
HardwareAddress* qemu_plugin_get_hwaddr(AccessInfo info, uint64_t vaddr);
bool qemu_plugin_hwaddr_is_io(const HardwareAddress* address);
uint64_t qemu_plugin_hwaddr_phys_addr(const HardwareAddress* address);
void qemu_plugin_outs(const char* text);

}  // extern "C"
