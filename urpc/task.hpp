// Task<T>: a coroutine that yields one T, a Result or Status. It starts when it is awaited, or spawned.
//
//   Task<Status> child(FramePool& pool, int x);              // the pool is the first argument, also of
//   members Task<Result<int>> parent(FramePool& pool) {
//       auto task = child(pool, 1);                          // name it, then await it (GCC 12: QEMU.md, rule
//       B) Status status = co_await task; if (!status.ok()) co_return status.error(); co_return 7;
//   }
//   Status started = spawn(scope, parent(pool));             // detached; scope counts the live ones
//
// No frame left: the Task yields Error::no_memory. A Task that has started runs to its end: it is never
// destroyed while suspended; whatever it waits for ends with Error::closed when its channel closes.
#pragma once

#include <concepts>
#include <coroutine>

#include "platforms/base/result.hpp"
#include "urpc/frame_pool.hpp"
#include "urpc/wait.hpp"

// GCC 12 takes an operator new that is a template for a mismatch of its operator delete, and says so at every
// coroutine when not optimising; so this stays off for the rest of the file that includes us.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

namespace skerry::urpc {

// Detached coroutines that belong together: counted, and at most `limit` at a time.
class Scope {
  public:
    Scope(ReadyQueue& ready, uint32_t limit) : limit_(limit), empty_(ready) {}
    ~Scope() { SKERRY_ASSERT(live_ == 0); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

    uint32_t live() const { return live_; }
    ReadyQueue& ready() { return empty_.ready(); }
    bool full() const { return live_ >= limit_; }
    // auto joined = scope.joined(); co_await joined;  continues when none is live.
    WaitList::Wait joined() { return WaitList::Wait(live_ == 0 ? nullptr : &empty_); }

    void started() {
        SKERRY_ASSERT(live_ < limit_);
        ++live_;
    }
    void finished() {
        SKERRY_ASSERT(live_ > 0);
        if (--live_ == 0) empty_.wake_all();
    }

  private:
    uint32_t limit_;
    uint32_t live_ = 0;
    WaitList empty_;
};

// The part of every frame that does not depend on T.
struct TaskPromise {
    std::coroutine_handle<> continuation;
    Scope* scope = nullptr;  // set: nobody awaits; the frame frees itself at its end

    template <typename... A>
    static void* operator new(size_t bytes, FramePool& pool, A&&...) noexcept {
        return pool.take(bytes);
    }
    template <typename Self, typename... A>
    static void* operator new(size_t bytes, Self&&, FramePool& pool, A&&...) noexcept {  // members, lambdas
        return pool.take(bytes);
    }
    static void operator delete(void* frame) { FramePool::give(frame); }

    struct Final {
        bool await_ready() const noexcept { return false; }
        // Void, and the continuation is resumed from here: no tail call is relied on (QEMU.md, rule A).
        // Nothing of the frame is touched after either branch, because both may end its life.
        template <typename Promise>
        void await_suspend(std::coroutine_handle<Promise> self) const noexcept {
            TaskPromise& promise = self.promise();
            if (Scope* scope = promise.scope) {
                self.destroy();
                scope->finished();
            } else if (promise.continuation) {
                promise.continuation.resume();
            }
        }
        void await_resume() const noexcept {}
    };
    std::suspend_always initial_suspend() const noexcept { return {}; }
    Final final_suspend() const noexcept { return {}; }
    void unhandled_exception() { SKERRY_ASSERT(!"an exception in a coroutine"); }
};

template <typename T>
requires(std::constructible_from<T, base::Error>) class [[nodiscard]] Task {
  public:
    struct promise_type : TaskPromise {
        T value{base::Error::closed};
        Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
        static Task get_return_object_on_allocation_failure() { return Task(nullptr); }
        void return_value(T result) { value = std::move(result); }
    };

    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;
    Task& operator=(Task&&) = delete;
    ~Task() {
        if (!handle_) return;
        SKERRY_ASSERT(!started_ || handle_.done());
        handle_.destroy();
    }

    bool has_frame() const { return handle_ != nullptr; }

    // Awaiting. The child runs on the awaiter's stack until it first suspends; if it ended, nobody suspends.
    bool await_ready() const { return !handle_; }
    bool await_suspend(std::coroutine_handle<> awaiting) {
        SKERRY_ASSERT(!started_);
        started_ = true;
        handle_.resume();
        if (handle_.done()) return false;
        handle_.promise().continuation = awaiting;
        return true;
    }
    T await_resume() { return handle_ ? std::move(handle_.promise().value) : T(base::Error::no_memory); }

    template <typename U>
    friend base::Status spawn(Scope& scope, Task<U> task);

  private:
    explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    std::coroutine_handle<promise_type> handle_;
    bool started_ = false;
};

// Starts a task that nobody awaits; it runs until it first suspends before this returns. What it yields is
// dropped. Error::no_memory: it got no frame. Error::full: the scope's limit; the task did not start.
template <typename T>
base::Status spawn(Scope& scope, Task<T> task) {
    if (!task.has_frame()) return base::Error::no_memory;
    if (scope.full()) return base::Error::full;
    auto handle = std::exchange(task.handle_, nullptr);
    scope.started();
    handle.promise().scope = &scope;
    // Whoever starts it goes on meanwhile, with others perhaps: it does not wait in place.
    ReadyQueue& ready = scope.ready();
    uint32_t in_place = ready.allow_in_place(0);
    handle.resume();
    ready.allow_in_place(in_place);
    return {};
}

}  // namespace skerry::urpc
