// A sink that counts (platforms/simulated/access.hpp). Not instrumented itself. The order of an access does not matter
// here: one thread runs.
#include "test/lines/counter.hpp"

#include <optional>
#include <utility>

#include "platforms/simulated/access.hpp"

namespace skerry::lines {

namespace {

using simulated::Access;
using simulated::AccessKind;
using simulated::UpdateKind;

class Counter : public simulated::AccessSink {
  public:
    using AccessSink::AccessSink;
    void plain(const Access& access) override { touch(access); }
    uint64_t load(const Access& access) override {
        touch(access);
        return load_now(access);
    }
    void store(const Access& access, uint64_t value) override {
        touch(access);
        store_now(access, value);
    }
    uint64_t update(const Access& access, UpdateKind kind, uint64_t operand) override {
        touch(access);
        return update_now(access, kind, operand);
    }
    Lines lines;

  private:
    // What updates loads and stores.
    void touch(const Access& access) {
        for (size_t line = access.offset / line_bytes; line <= (access.offset + access.bytes - 1) / line_bytes;
             ++line) {
            Touches& touches = lines[line];
            if (access.kind != AccessKind::store) ++touches.loads;
            if (access.kind != AccessKind::load) ++touches.stores;
        }
    }
};
std::optional<Counter>& the_counter() {
    static std::optional<Counter> counter;
    return counter;
}

}  // namespace

void watch(const void* memory, size_t bytes) {
    the_counter().emplace(memory, bytes);
    simulated::set_access_sink(&*the_counter());
}
Lines take() {
    return std::exchange(the_counter()->lines, {});
}

}  // namespace skerry::lines
