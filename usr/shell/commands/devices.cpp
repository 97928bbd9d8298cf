// pci: what the service `pci` found, a line a function.
#include "urpc/protocols/pci.hpp"
#include "usr/console/bound.hpp"
#include "usr/shell/shell.hpp"

namespace skerry::usr::shell {

namespace protocol = urpc::pci;

namespace {

void hex(base::Text& text, uint32_t value, uint32_t digits) {
    while (digits-- > 0) text << "0123456789abcdef"[value >> 4 * digits & 15];
}

// 00:04.0 1234:11e8 class 00ff00 0xfea00000+0x100000 ports 0xc000+0x20 message, driver 1:7
void show(Shell& shell, const protocol::Listed& f) {
    base::Buffer<400> line;
    hex(line, f.function >> 8, 2), line << ':';
    hex(line, f.function >> 3 & 31, 2), line << '.' << (f.function & 7) << ' ';
    hex(line, f.vendor, 4), line << ':';
    hex(line, f.id, 4), line << " class ";
    hex(line, f.class_code, 6);
    if (f.bridge) line << " bridge";
    for (const protocol::Range& range : f.range) {
        if (range.kind == protocol::RangeKind::none) continue;
        line << (range.kind == protocol::RangeKind::ports ? " ports " : " ") << base::Hex{range.base} << '+'
             << base::Hex{range.bytes};
    }
    if (f.line != 255) line << " line " << f.line;
    if (f.message) line << " message";
    if (f.messages) line << " messages";
    if (f.driver.value != 0) line << " driver ", put_domain(line, f.driver);
    line << '\n';
    shell.write(line.view());
}

}  // namespace

uint32_t pci(Shell& shell, const CommandLine& line) {
    if (!line.arguments().empty()) return shell.wrong("usage: pci");
    console::Bound<protocol::Protocol> service(shell.session());
    constexpr uint64_t patience = 2'000'000'000;  // ns
    Status bound = service.bind(protocol::service_name, patience);
    if (bound.error() == Error::timed_out) return shell.wrong("this machine has no service `pci`");
    if (!bound.ok()) return shell.failed("cannot reach", protocol::service_name, bound.error());
    uint32_t omitted = 0, refused = 0;
    for (uint32_t index = 0; !shell.interrupted(); index++) {
        auto listed = service.call(protocol::List{index});
        if (listed.error() == Error::out_of_range) break;
        if (!listed.ok()) return shell.failed("cannot ask", protocol::service_name, listed.error());
        show(shell, *listed);
        omitted = listed->omitted, refused = listed->refused;
    }
    base::Buffer<120> text;
    if (omitted != 0) text << omitted << " more, for which there was no room\n";
    if (refused != 0) text << refused << " bridges or ranges that make no sense are left out\n";
    shell.write(text.view());
    return 0;
}

}  // namespace skerry::usr::shell
