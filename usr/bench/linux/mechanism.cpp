#include "usr/bench/linux/mechanism.hpp"

#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

namespace skerry::bench_linux {

namespace {

// Anything with a descriptor to write and one to read for each direction; a word is passed whole.
class Descriptors : public Mechanism {
  public:
    void send(int direction, uint64_t word) override {
        if (write(out_[direction], &word, sizeof word) != sizeof word) fail("write");
    }
    uint64_t receive(int direction) override {
        uint64_t word = 0;
        if (read(in_[direction], &word, sizeof word) != sizeof word) fail("read");
        return word;
    }
    ~Descriptors() override {
        for (int direction : {0, 1}) {
            close(out_[direction]);
            if (in_[direction] != out_[direction]) close(in_[direction]);
        }
    }

  protected:
    int out_[2] = {-1, -1}, in_[2] = {-1, -1};
};

class Pipe final : public Descriptors {
  public:
    Pipe() {
        for (int direction : {0, 1}) {
            int ends[2];
            if (pipe(ends) != 0) fail("pipe");
            in_[direction] = ends[0];
            out_[direction] = ends[1];
        }
    }
};

class EventFd final : public Descriptors {
  public:
    EventFd() {
        for (int direction : {0, 1}) {
            out_[direction] = in_[direction] = eventfd(0, 0);
            if (out_[direction] < 0) fail("eventfd");
        }
    }
};

class UnixSockets final : public Descriptors {
  public:
    explicit UnixSockets(int type) {
        int ends[2];
        if (socketpair(AF_UNIX, type, 0, ends) != 0) fail("socketpair");
        out_[0] = ends[0];
        in_[0] = ends[1];
        out_[1] = dup(ends[1]);  // descriptors of their own, so that each is closed once
        in_[1] = dup(ends[0]);
        if (out_[1] < 0 || in_[1] < 0) fail("dup");
    }
};

// A word for each direction, in a line of its own: the message is the new value, and the sleeper is woken through it.
class Futex final : public Mechanism {
  public:
    explicit Futex(bool shared) : private_flag_(shared ? 0 : FUTEX_PRIVATE_FLAG) {
        void* memory = mmap(nullptr, sizeof(Words), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) fail("mmap");
        words_ = new (memory) Words;
    }
    ~Futex() override { munmap(words_, sizeof(Words)); }

    // Words count from 1, and none is sent before the one before it was answered.
    void send(int direction, uint64_t word) override {
        auto& place = words_->line[direction].word;
        place.store(static_cast<uint32_t>(word), std::memory_order_release);
        if (syscall(SYS_futex, &place, FUTEX_WAKE | private_flag_, 1, nullptr, nullptr, 0) < 0) fail("futex wake");
    }
    uint64_t receive(int direction) override {
        auto& place = words_->line[direction].word;
        uint32_t& seen = seen_[direction];
        uint32_t now;
        while ((now = place.load(std::memory_order_acquire)) == seen) {
            syscall(SYS_futex, &place, FUTEX_WAIT | private_flag_, seen, nullptr, nullptr, 0);  // or it has changed
        }
        return seen = now;
    }

  private:
    struct Words {
        struct alignas(64) {
            std::atomic<uint32_t> word{0};
        } line[2];
    };
    int private_flag_;
    Words* words_;
    uint32_t seen_[2] = {0, 0};  // each written by its receiver alone
};

}  // namespace

std::unique_ptr<Mechanism> make_mechanism(std::string_view name, bool shared) {
    if (name == "pipe") return std::make_unique<Pipe>();
    if (name == "futex") return std::make_unique<Futex>(shared);
    if (name == "eventfd") return std::make_unique<EventFd>();
    if (name == "unix_stream") return std::make_unique<UnixSockets>(SOCK_STREAM);
    if (name == "unix_datagram") return std::make_unique<UnixSockets>(SOCK_DGRAM);
    return nullptr;
}

}  // namespace skerry::bench_linux
