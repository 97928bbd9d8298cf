// The part of QEMU's plugin interface (API 1, QEMU 6.0 to 8.2) that is used here, declared by ourselves: Debian ships
// no header. Everything is C linkage and looked up in the QEMU process that loads the plugin.
#pragma once

#include <cstdint>

extern "C" {

using qemu_plugin_id_t = uint64_t;
using qemu_plugin_meminfo_t = uint32_t;

struct qemu_info_t {
    const char* target_name;
    struct {
        int min, cur;
    } version;
    bool system_emulation;
    struct {
        int smp_vcpus, max_vcpus;
    } system;
};

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;

enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_CB_R_REGS, QEMU_PLUGIN_CB_RW_REGS };
enum qemu_plugin_mem_rw { QEMU_PLUGIN_MEM_R = 1, QEMU_PLUGIN_MEM_W, QEMU_PLUGIN_MEM_RW };

using qemu_plugin_translate_t = void (*)(qemu_plugin_id_t id, qemu_plugin_tb* block);
using qemu_plugin_executed_t = void (*)(unsigned vcpu, void* context);
using qemu_plugin_accessed_t = void (*)(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t vaddr, void* context);
using qemu_plugin_ended_t = void (*)(qemu_plugin_id_t id, void* context);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_plugin_translate_t callback);
void qemu_plugin_register_vcpu_tb_exec_cb(qemu_plugin_tb* block, qemu_plugin_executed_t callback,
                                          qemu_plugin_cb_flags flags, void* context);
void qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_insn* instruction, qemu_plugin_executed_t callback,
                                            qemu_plugin_cb_flags flags, void* context);
void qemu_plugin_register_vcpu_mem_cb(qemu_plugin_insn* instruction, qemu_plugin_accessed_t callback,
                                      qemu_plugin_cb_flags flags, qemu_plugin_mem_rw which, void* context);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, qemu_plugin_ended_t callback, void* context);

uint64_t qemu_plugin_tb_n_insns(const qemu_plugin_tb* block);
uint64_t qemu_plugin_tb_vaddr(const qemu_plugin_tb* block);
qemu_plugin_insn* qemu_plugin_tb_get_insn(const qemu_plugin_tb* block, uint64_t index);
uint64_t qemu_plugin_insn_vaddr(const qemu_plugin_insn* instruction);
void* qemu_plugin_insn_haddr(const qemu_plugin_insn* instruction);  // where it lies in QEMU's own memory
uint64_t qemu_plugin_insn_size(const qemu_plugin_insn* instruction);

unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t info);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info);
qemu_plugin_hwaddr* qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t info, uint64_t vaddr);
bool qemu_plugin_hwaddr_is_io(const qemu_plugin_hwaddr* address);
uint64_t qemu_plugin_hwaddr_phys_addr(const qemu_plugin_hwaddr* address);
void qemu_plugin_outs(const char* text);

}  // extern "C"
