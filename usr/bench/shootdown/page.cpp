#include "usr/bench/shootdown/page.hpp"

#include "platform/user/address.hpp"

namespace skerry::bench::shootdown {

using base::Error;
using base::Status;
using runtime::CNodeCap;
namespace map_flags = capabilities::map_flags;

namespace {
constexpr uint64_t read_write = map_flags::read | map_flags::write;
constexpr uint64_t window_bytes = 64 * 1024;  // within one leaf table
constexpr uint64_t entries = 512;
}  // namespace

Page::~Page() {
    mapping_.reset();
    flush_.reset();
    if (line_ == nullptr) return;
    (void)self_.space().unmap(line_address_, base::page_size).ok();
    self_.ram().destroy(line_frame_);
}

Status Page::take(runtime::Owned frame) {
    if (frame_) return Error::exists;
    if (!frame) return Error::invalid_argument;
    line_frame_ = SKERRY_TRY(self_.ram().make_frame(base::page_size));
    line_address_ = SKERRY_TRY(self_.space().map_anywhere(line_frame_.cap, 0, base::page_size, read_write));
    line_ = platform::at<capabilities::FlushLine>(line_address_);
    flush_ = SKERRY_TRY(runtime::Owned::empty(self_.slots));
    SKERRY_CHECK(runtime::DispatcherCap{}.make_flush(flush_.ref(), line_frame_.cap, 0));
    address_ = SKERRY_TRY(self_.space().find_free(window_bytes, window_bytes));
    SKERRY_CHECK(self_.space().reserve(address_, window_bytes));
    table_ = SKERRY_TRY(self_.space().leaf_table(address_));
    mapping_ = SKERRY_TRY(runtime::Owned::empty(self_.slots));
    frame_ = std::move(frame);
    return {};
}

Status Page::show() {
    if (!frame_) return Error::not_found;
    SKERRY_CHECK(CNodeCap{}.remove(mapping_.ref()));
    runtime::VNodeCap table{table_};
    auto index = static_cast<uint32_t>(address_ / base::page_size % entries);
    SKERRY_CHECK(table.map(index, frame_.ref(), mapping_.ref(), read_write, 0, 1));
    uint64_t word = *platform::at<volatile uint64_t>(address_);
    (void)word;
    return {};
}

// Our own driver: the system call answers before it returns.
Status Page::clear() {
    if (!frame_) return Error::not_found;
    line_->ask(address_, capabilities::PageChange::clear);
    SKERRY_CHECK(runtime::FlushCap{flush_.ref()}.request());
    return line_->answered() ? Status{} : Status{Error::timed_out};
}

}  // namespace skerry::bench::shootdown
