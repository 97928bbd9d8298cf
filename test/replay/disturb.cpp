// Preloaded into QEMU beside tools/turns: whenever the last virtual core halts, wakes the main loop and gives it time to
// look, before QEMU itself has noticed that all are idle. Without tools/turns that moves the clock in every run.
// Not by qemu_notify_event(): called from the cores' thread it makes every core leave its loop (icount_notify_exit()), after
// which QEMU goes round the cores in another order: another machine, not another moment.
#include <dlfcn.h>
#include <setjmp.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace {

struct Found {
    void (*jump)(sigjmp_buf, int) = reinterpret_cast<decltype(jump)>(dlsym(RTLD_NEXT, "siglongjmp"));
    void (*jump_checked)(sigjmp_buf, int) = reinterpret_cast<decltype(jump)>(dlsym(RTLD_NEXT, "__longjmp_chk"));
    bool (*all_idle)() = reinterpret_cast<bool (*)()>(dlsym(RTLD_DEFAULT, "all_cpu_threads_idle"));
    void* (*main_context)() = reinterpret_cast<void* (*)()>(dlsym(RTLD_DEFAULT, "qemu_get_aio_context"));
    void (*wake)(void*) = reinterpret_cast<void (*)(void*)>(dlsym(RTLD_DEFAULT, "aio_notify"));
};

// A core leaves its loop by such a jump, when it has halted, too.
const Found& leave() {
    static const Found found;
    bool main_loop = syscall(SYS_gettid) == getpid();  // coroutines of its own jump, too
    if (!main_loop && found.all_idle()) {
        found.wake(found.main_context());
        timespec time{0, 200'000};
        nanosleep(&time, nullptr);
    }
    return found;
}

}  // namespace

extern "C" {

[[noreturn]] void siglongjmp(sigjmp_buf where, int value) noexcept {
    leave().jump(where, value);
    __builtin_unreachable();
}

[[noreturn]] void __longjmp_chk(sigjmp_buf where, int value) noexcept {
    leave().jump_checked(where, value);
    __builtin_unreachable();
}

}  // extern "C"
