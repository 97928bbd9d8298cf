#include <catch2/catch.hpp>

#include "monitor/name_directory.hpp"
#include "platforms/base/format.hpp"

using namespace skerry;
using base::DomainId;
using base::Error;
using monitor::NameDirectory;
using Name = NameDirectory::Name;

namespace {
Name numbered(uint32_t i) {
    base::Buffer<16> text;
    text << "service" << i;
    return Name::cut(text.view());
}
}  // namespace

TEST_CASE("a name belongs to who registered it first, until its end", "[monitor]") {
    NameDirectory names;
    CHECK(names.find("console").error() == Error::not_found);
    CHECK(names.add("console", DomainId{9}, 77).ok());
    CHECK(names.add("console", DomainId{10}, 77).error() == Error::exists);
    CHECK(names.add("console", DomainId{9}, 77).error() == Error::exists);
    CHECK(names.find("console")->service == DomainId{9});
    CHECK(names.find("console")->protocol == 77);
    CHECK(names.find("consol").error() == Error::not_found);
    CHECK(names.find("console2").error() == Error::not_found);
    names.remove(DomainId{10});
    CHECK(names.find("console").ok());
    names.remove(DomainId{9});
    CHECK(names.find("console").error() == Error::not_found);
    CHECK(names.add("console", DomainId{10}, 78).ok());
}

TEST_CASE("the names of a core that is lost are free", "[monitor]") {
    NameDirectory names;
    base::CoreId lost{2}, other{1};
    CHECK(names.add("disk", base::make_domain_id(lost, 9), 77).ok());
    CHECK(names.add("tape", base::make_domain_id(lost, 10), 77).ok());
    CHECK(names.add("console", base::make_domain_id(other, 9), 77).ok());
    names.remove_of(lost);
    CHECK(names.find("disk").error() == Error::not_found);
    CHECK(names.find("tape").error() == Error::not_found);
    CHECK(names.find("console").ok());
}

TEST_CASE("the name directory is bounded, for one and for all", "[monitor]") {
    NameDirectory names;
    CHECK(names.add(Name{}, DomainId{9}, 1).error() == Error::invalid_argument);
    CHECK(names.add("nobody", DomainId{0}, 1).error() == Error::invalid_argument);
    for (uint32_t i = 0; i < NameDirectory::per_domain; ++i) REQUIRE(names.add(numbered(i), DomainId{9}, i).ok());
    CHECK(names.add("more", DomainId{9}, 1).error() == Error::full);
    for (uint32_t i = NameDirectory::per_domain; i < NameDirectory::capacity; ++i) {
        REQUIRE(names.add(numbered(i), DomainId{10 + i / NameDirectory::per_domain}, i).ok());
    }
    CHECK(names.add("more", DomainId{8}, 1).error() == Error::full);
    names.remove(DomainId{9});
    CHECK(names.add("more", DomainId{8}, 1).ok());
    CHECK(names.find(numbered(63))->protocol == 63);
}
