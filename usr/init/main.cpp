#include "usr/init/report.hpp"
#include "usr/runtime/program.hpp"

int program_main(skerry::runtime::Program& self) {
    using namespace skerry;
    base::Buffer<200> line;
    line << "alive on core " << self.core().value << ", regions " << self.boot->region_count << ", archive "
         << self.boot->archive_size;
    init::report(line.view());
    for (;;) self.dispatcher.sleep_until(self.dispatcher.now() + 1'000'000'000);
}
