// Preloaded into QEMU for a deterministic run (LD_PRELOAD): its main loop and the thread that runs all virtual cores
// take turns. README.md says what race of QEMU's that closes.
//
//   main loop   may leave ppoll() only while the cores' thread is parked, or stands at QEMU's big lock and lets it by
//   cores       parked: waits for work, every core being idle
//               at the lock with a core that is not idle: lets the main loop by if it wants to
//               between the two, when all cores are idle but nothing is parked yet: nobody looks
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr char cores_thread[] = "ALL CPUs/TCG";  // QEMU's name for it under -name debug-threads=on

[[noreturn]] void refuse(const char* what) {
    std::fprintf(stderr, "turns: this QEMU has no %s\n", what);
    std::_Exit(1);
}

// glibc keeps an older pthread_cond_wait under the same name: the version says which.
template <class Function>
Function next(const char* name, const char* version) {
    void* found = version ? dlvsym(RTLD_NEXT, name, version) : dlsym(RTLD_NEXT, name);
    if (found == nullptr) refuse(name);
    return reinterpret_cast<Function>(found);
}

struct Real {
    decltype(&::ppoll) poll = next<decltype(&::ppoll)>("ppoll", nullptr);
    decltype(&pthread_mutex_lock) lock = next<decltype(&pthread_mutex_lock)>("pthread_mutex_lock", nullptr);
    decltype(&pthread_cond_wait) wait = next<decltype(&pthread_cond_wait)>("pthread_cond_wait", "GLIBC_2.3.2");
    bool (*all_idle)() = reinterpret_cast<bool (*)()>(dlsym(RTLD_DEFAULT, "all_cpu_threads_idle"));
    bool (*holds_big_lock)() = reinterpret_cast<bool (*)()>(dlsym(RTLD_DEFAULT, "qemu_mutex_iothread_locked"));
};

const Real& real() {
    static const Real functions;
    return functions;
}

bool is_main() {
    static thread_local const bool answer = syscall(SYS_gettid) == getpid();
    return answer;
}

bool is_cores() {
    static thread_local const bool answer = [] {
        char name[16] = "";
        return pthread_getname_np(pthread_self(), name, sizeof name) == 0 && std::strcmp(name, cores_thread) == 0;
    }();
    return answer;
}

// Whose turn it is. All under `guard`, but for `wants`, which the cores' thread looks at before.
class Turns {
  public:
    // Main loop: it is about to sleep, so it looks at nothing.
    void main_leaves() {
        Hold hold(*this);
        inside_ = false;
        passes_++;
        tell();
    }
    // Main loop: it has something to do.
    void main_enters() {
        Hold hold(*this);
        wants = true;
        while (!parked_ && !offered_) sleep();
        wants = false;
        inside_ = true;
    }
    // Cores' thread, without the big lock: lets the main loop by once.
    void offer() {
        Hold hold(*this);
        if (!wants) return;
        offered_ = true;
        tell();
        for (uint64_t before = passes_; passes_ == before;) sleep();
        offered_ = false;
    }
    void park() {
        Hold hold(*this);
        parked_ = true;
        tell();
    }
    // Cores' thread, awake again: nobody enters any more. True: the main loop is still inside.
    bool unpark() {
        Hold hold(*this);
        parked_ = false;
        return inside_;
    }
    // Cores' thread, without the big lock.
    void until_main_left() {
        Hold hold(*this);
        while (inside_) sleep();
    }

    std::atomic<bool> wants = false;

  private:
    class Hold {
      public:
        explicit Hold(Turns& turns) : turns_(turns) { real().lock(&turns_.guard_); }
        ~Hold() { pthread_mutex_unlock(&turns_.guard_); }
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;

      private:
        Turns& turns_;
    };
    void tell() { pthread_cond_broadcast(&changed_); }
    void sleep() { real().wait(&changed_, &guard_); }

    pthread_mutex_t guard_ = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed_ = PTHREAD_COND_INITIALIZER;
    bool inside_ = true;  // main() comes first, before any ppoll
    bool parked_ = true;  // there is no such thread yet
    bool offered_ = false;
    uint64_t passes_ = 0;
};

Turns turns;
std::atomic<pthread_mutex_t*> big_lock = nullptr;  // the one with which the cores' thread first waits

// The cores' thread takes the big lock, `wants` being set. Every 64th time is often enough: what the main loop then does
// is a disk's work, for which loaders ask in a loop; a timer that fired wakes it for nothing, 3,000 times a second.
bool time_to_offer() {
    static unsigned taken = 0;
    return ++taken % 64 == 0 && !real().all_idle();
}

}  // namespace

extern "C" {

int ppoll(pollfd* files, nfds_t count, const timespec* timeout, const sigset_t* mask) {
    // With the big lock held it is a loop within the loop: nobody else runs, and it must not wait for anybody.
    bool alone = real().holds_big_lock != nullptr && real().holds_big_lock();
    if (!is_main() || alone) return real().poll(files, count, timeout, mask);
    turns.main_leaves();
    int result = real().poll(files, count, timeout, mask);
    turns.main_enters();
    return result;
}

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
    if (turns.wants && mutex == big_lock && is_cores() && time_to_offer()) turns.offer();
    return real().lock(mutex);
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
    if (is_main()) turns.main_leaves();  // it waits for the cores' thread, which must not wait for it
    if (!is_cores()) return real().wait(condition, mutex);
    if (big_lock == nullptr) {
        if (real().all_idle == nullptr) refuse("all_cpu_threads_idle()");
        if (real().holds_big_lock == nullptr) refuse("qemu_mutex_iothread_locked()");
        big_lock = mutex;
    }
    if (mutex != big_lock) return real().wait(condition, mutex);
    turns.park();
    int result = real().wait(condition, mutex);
    if (turns.unpark()) {
        pthread_mutex_unlock(mutex);
        turns.until_main_left();
        real().lock(mutex);
    }
    return result;
}

}  // extern "C"
