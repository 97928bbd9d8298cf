#include "usr/console/focus.hpp"

#include <catch2/catch.hpp>

using skerry::base::Error;
using skerry::usr::console::Focus;

TEST_CASE("the keyboard has one owner and at most one borrower", "[console]") {
    Focus focus;
    CHECK(focus.route('x') == Focus::nobody);
    CHECK(focus.lend(1, 2).error() == Error::refused);
    CHECK(focus.take(1).ok());
    CHECK(focus.take(1).ok());
    CHECK(focus.take(2).error() == Error::busy);
    CHECK(focus.lend(2, 2).error() == Error::refused);
    CHECK(focus.lend(1, 2).ok());
    CHECK(focus.route('x') == 2);
    CHECK(focus.route(Focus::interrupt) == 1);
    CHECK(focus.route('x') == 1);
    CHECK(focus.lend(1, 2).ok());
    focus.leave(2);
    CHECK(focus.holder() == 1);
    CHECK(focus.lend(1, 2).ok());
    focus.leave(1);
    CHECK(focus.holder() == Focus::nobody);
    CHECK(focus.take(2).ok());
}
