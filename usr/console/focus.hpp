// Who gets what is typed. One owner (the shell), who may lend the keyboard to one other client; Ctrl-C always
// goes to the owner and ends the loan. Clients are small numbers given by the console service.
#pragma once

#include <cstdint>

#include "platforms/base/result.hpp"

namespace skerry::usr::console {

class Focus {
  public:
    static constexpr uint32_t nobody = ~uint32_t{0};
    static constexpr char interrupt = 3;

    uint32_t owner() const { return owner_; }
    uint32_t holder() const { return borrower_ != nobody ? borrower_ : owner_; }

    base::Status take(uint32_t client) {
        if (owner_ != nobody && owner_ != client) return base::Error::busy;
        owner_ = client;
        return {};
    }
    base::Status lend(uint32_t from, uint32_t to) {
        if (from != owner_ || owner_ == nobody) return base::Error::refused;
        borrower_ = to == owner_ ? nobody : to;
        return {};
    }
    // Gives up what it has, or has died.
    void leave(uint32_t client) {
        if (client == owner_) owner_ = borrower_ = nobody;
        if (client == borrower_) borrower_ = nobody;
    }
    // Who gets this byte.
    uint32_t route(char byte) {
        if (byte == interrupt) borrower_ = nobody;
        return holder();
    }

  private:
    uint32_t owner_ = nobody;
    uint32_t borrower_ = nobody;
};

}  // namespace skerry::usr::console
