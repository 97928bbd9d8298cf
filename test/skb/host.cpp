// The knowledge base as a program on the host: one command a line, answers and the processor time (microseconds) after each. oracle.pl
// answers the same commands in SWI-Prolog.
//   load FILE | tell FACT | retract PATTERN | ask GOALS | count GOALS | forget .
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>

#include "skb/skb.hpp"

using namespace skerry;

void base::assertion_failed(const char* expression, const char* file, int line) {
    std::cerr << file << ":" << line << ": " << expression << std::endl;
    std::abort();
}

namespace {

// One span for the pool, in large pages if Linux has them: a relation of millions of rows is looked up all over.
struct Memory {
    explicit Memory(size_t bytes) {
        void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapped == MAP_FAILED) std::abort();
        madvise(mapped, bytes, MADV_HUGEPAGE);
        span = {static_cast<std::byte*>(mapped), bytes};
    }
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    ~Memory() { munmap(span.data(), span.size()); }
    std::span<std::byte> span;
};

class Host {
  public:
    explicit Host(size_t bytes) : memory_(bytes), base_(memory_.span) {}

    void command(const std::string& word, const std::string& rest) {
        if (word == "load") {
            std::ifstream file(rest);
            std::stringstream text;
            text << file.rdbuf();
            std::string all = text.str();
            start();
            say(file ? base_.load(rest, all, problem_) : base::Status(base::Error::not_found));
        } else if (word == "tell") {
            say(base_.tell(rest, problem_));
        } else if (word == "retract") {
            base::Result<uint32_t> gone = base_.retract(rest, problem_);
            say(gone.ok() ? base::Status() : base::Status(gone.error()));
        } else if (word == "forget") {
            base_.forget();
            say({});
        } else if (word == "ask" || word == "count") {
            ask(rest, word == "ask");
        } else {
            std::cout << "error\n";
        }
    }
    void start() { begun_ = now(); }
    void end() {
        if (!ended_) stop();
        ended_ = false;
        std::cout << "time " << microseconds_ << std::endl;
    }

  private:
    static int64_t now() {
        timespec time{};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000;
    }
    void stop() {
        microseconds_ = now() - begun_;
        ended_ = true;
    }
    void say(const base::Status& status) {
        base::Buffer<400> text;
        if (!status.ok()) problem_.write(text);
        std::cout << (status.ok() ? "ok" : "error") << '\n';
        if (!status.ok()) std::cerr << text.view() << '\n';
    }
    void ask(const std::string& goals, bool rows) {
        skb::Answers answers(base_.pool());
        skb::Limits limits;
        limits.steps = UINT64_MAX;
        base::Status status = base_.ask(goals, answers, limits, problem_);
        stop();  // what follows is about people
        if (!status.ok()) return say(status);
        std::cout << "answers " << answers.size() << '\n';
        for (uint32_t i = 0; rows && i < answers.size(); i++) {
            base::Buffer<1000> text;
            for (skb::Value value : answers.row(i)) {
                if (text.size() != 0) text << ' ';
                base_.symbols().write(text, value);
            }
            std::cout << text.view() << '\n';
        }
    }

    Memory memory_;
    skb::KnowledgeBase base_;
    skb::Problem problem_;
    int64_t begun_ = 0, microseconds_ = 0;
    bool ended_ = false;
};

}  // namespace

int main(int count, char** arguments) {
    size_t megabytes = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 64;
    Host host(megabytes << 20);
    for (std::string line; std::getline(std::cin, line);) {
        size_t blank = line.find(' ');
        host.start();
        host.command(line.substr(0, blank), blank == std::string::npos ? "" : line.substr(blank + 1));
        host.end();
    }
    return 0;
}
