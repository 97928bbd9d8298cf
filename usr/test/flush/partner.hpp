// The other side: serves under a name until told to end.
#pragma once

#include "usr/console/port.hpp"
#include "usr/test/flush/protocol.hpp"

namespace skerry::usr::test::flush {

using base::Error;
using base::Result;
using base::Status;

constexpr uint64_t read_write = capabilities::map_flags::read | capabilities::map_flags::write;

struct Partner {
    explicit Partner(runtime::Program& program) : self(program) {}
    runtime::Program& self;
    runtime::Object frame;
    runtime::Owned right;
    uint64_t at = 0;  // where the frame is mapped
    bool end = false;

    Result<Line> operator()(const MakeLine&);
    Result<Right> operator()(const GiveRight&);
    void operator()(const Spin&) const;
    Result<Done> operator()(const TakeBack&);
    Result<Done> operator()(const End&);
};

Status serve(runtime::Program& self, std::string_view name);

}  // namespace skerry::usr::test::flush
