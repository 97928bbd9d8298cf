// Says where it runs, through the console service, whatever the core.
#include "usr/console/session.hpp"

int program_main(skerry::runtime::Program& self) {
    using namespace skerry;
    usr::console::Session& session = usr::console::static_session(self);
    if (!session.start().ok()) return 1;
    base::Buffer<64> text;
    text << "hello from core " << self.core() << '\n';
    session.console.write(text.view());
    return session.finish(0);
}
