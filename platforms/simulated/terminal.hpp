// Somebody at standard input and output. What is typed comes when nobody can go on, so that a run depends on what is
// typed and not on when; while cores stay busy, it is looked for now and then (and such a run is not repeatable).
#pragma once

#include <chrono>
#include <string>

#include "platforms/simulated/simulator.hpp"

namespace skerry::simulated {

class Terminal final : public Outside {
  public:
    explicit Terminal(bool reports) : reports_(reports) {}
    void printed(uint8_t byte) override;
    void quiet() override;
    void busy() override;
    [[noreturn]] void ended(int status) override;
    [[noreturn]] void failed(const std::string& why) override;

  private:
    void flush();
    void take_input();
    void tell(const Timing& timing, const Counts& counts);

    std::string output_;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    bool open_ = true, booted_ = false, reports_;
};

}  // namespace skerry::simulated
