// Every right of every capability type that an ordinary program can hold.
#pragma once

#include "usr/runtime/program.hpp"
#include "usr/test/report.hpp"

namespace skerry::usr::test {

void check_rights(Report& report, runtime::Program& self);

}  // namespace skerry::usr::test
