// Where text for the terminal goes. Lines end in \n here; the console service makes \r\n of it on the wire.
#pragma once

#include <string_view>

namespace skerry::usr::shell {

class Sink {
  public:
    virtual void write(std::string_view text) = 0;

  protected:
    ~Sink() = default;
};

}  // namespace skerry::usr::shell
