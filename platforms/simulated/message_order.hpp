// Messages in order and once, at the words where rings publish and take them: the header of a line (urpc/line.hpp), the
// last word of 64 bytes, is stored by its writer; its reader finds a new tag by an acquire load and then loads words of the
// payload: that takes the line. (A poll loop looks at the old header of a line many times.) So, for every such word:
//   - it is not stored again before somebody has seen what stands there,
//   - no core takes it twice,
//   - what a core takes carries the number after that of the line before it, if that was taken in the same lap.
// A message without a payload is seen and not taken. Memory that is zeroed is nobody's ring any more.
#pragma once

#include <unordered_map>

#include "platforms/simulated/checker.hpp"
#include "platforms/simulated/simulator.hpp"

namespace skerry::simulated {

class MessageOrder final : public Checker {
  public:
    explicit MessageOrder(Simulator& simulator) : simulator_(simulator) {}

    void stored(Actor actor, const Access& access, uint64_t value) override {
        if (actor.driver || !is_header(access) || access.order == std::memory_order_relaxed) return;
        Line& line = lines_[access.offset];
        if (line.header != 0 && !line.seen) simulator_.fail("a line is written over before anybody took it");
        line = {value, 0, false};
    }
    void loaded(Actor actor, const Access& access, uint64_t value) override {
        if (actor.driver || access.bytes != 8) return;
        uint64_t& looked_at = looked_at_[actor.hardware];
        uint64_t header = access.offset / line_bytes * line_bytes + header_at;
        if (!is_header(access)) {
            if (looked_at == header) {
                looked_at = 0;
                take(actor, header);
            }
            return;
        }
        if (access.order != std::memory_order_acquire) return;
        auto found = lines_.find(header);
        // Else what stood there before it was watched, or what was not published.
        bool watched = found != lines_.end() && found->second.header == value;
        if (watched) found->second.seen = true;
        looked_at = watched ? header : 0;
    }
    void overwritten(uint64_t offset, uint64_t bytes) override {
        if (bytes / line_bytes > lines_.size()) {  // zeroed by the megabyte
            std::erase_if(lines_, [&](const auto& line) { return line.first - offset < bytes; });
            return;
        }
        for (uint64_t at = offset / line_bytes * line_bytes + header_at; at < offset + bytes; at += line_bytes) {
            lines_.erase(at);
        }
    }

  private:
    static constexpr uint64_t line_bytes = 64, header_at = 56;
    struct Line {
        uint64_t header = 0, taken = 0;  // taken: bits of cores
        bool seen = false;
    };
    void take(Actor actor, uint64_t at) {
        auto found = lines_.find(at);
        if (found == lines_.end()) return;
        uint64_t core = uint64_t{1} << actor.hardware % 64;
        if ((found->second.taken & core) != 0) simulator_.fail("a line is taken twice");
        found->second.taken |= core;
        auto before = lines_.find(at - line_bytes);
        if (before == lines_.end() || (before->second.taken & core) == 0) return;
        uint64_t header = found->second.header;
        bool same_lap = ((before->second.header ^ header) >> 56 & 127) == 0;
        if (same_lap && number(header) != (number(before->second.header) + 1) % 4096) {
            simulator_.fail("a line is taken out of order");
        }
    }
    static bool is_header(const Access& access) { return access.bytes == 8 && access.offset % line_bytes == header_at; }
    static uint64_t number(uint64_t header) { return header >> 12 & 4095; }

    Simulator& simulator_;
    std::unordered_map<uint64_t, Line> lines_;  // by the place of the header
    std::unordered_map<uint32_t, uint64_t>
        looked_at_;  // by core: the header that it loaded last, until it takes the line
};

}  // namespace skerry::simulated
