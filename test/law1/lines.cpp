#include "test/law1/lines.hpp"

#include <cinttypes>

namespace skerry::law1 {
void Lines::begin(unsigned vcpu) {
    if (vcpu >= vcpus_maximum || began(vcpu)) return;
    order_[vcpu].store(static_cast<uint16_t>(begun_.fetch_add(1) + 1));
}

Touch* Lines::touches(unsigned vcpu, uint64_t page) {
    Page* found = pages_.find_or_make(page);
    if (found == nullptr) return nullptr;
    return made(found->touches[vcpu], lines_per_page);
}

void Lines::touch(unsigned vcpu, uint64_t physical, Kind kind, uint64_t instruction, bool window) {
    if (vcpu >= vcpus_maximum) return;
    Touch* page = touches(vcpu, physical / page_bytes);
    if (page == nullptr) return;
    Touch& touch = page[physical % page_bytes / line_bytes];
    uint32_t& count = touch.count[static_cast<unsigned>(kind)];
    if (count != UINT32_MAX) ++count;
    touch.instruction = static_cast<uint32_t>(instruction);
    (window ? touch.window : touch.plain) = begun_.load(std::memory_order_relaxed);
}

bool Lines::shared(unsigned a, const Touch& of_a, unsigned b, const Touch& of_b) const {
    return of_a.begun() != 0 && of_b.begun() != 0 && of_a.begun() >= order_[b] && of_b.begun() >= order_[a];
}

void Lines::write_shared(std::FILE* out, uint64_t physical, const Page& page, uint64_t line, uint64_t& found) const {
    std::array<bool, vcpus_maximum> involved{}, plain{};
    bool any = false;
    for (unsigned a = 0; a < vcpus_maximum; ++a) {
        const Touch* of_a = page.touches[a].load(std::memory_order_acquire);
        if (of_a == nullptr) continue;
        for (unsigned b = a + 1; b < vcpus_maximum; ++b) {
            const Touch* of_b = page.touches[b].load(std::memory_order_acquire);
            if (of_b == nullptr || !shared(a, of_a[line], b, of_b[line])) continue;
            any = involved[a] = involved[b] = true;
            // What was done before the other began is nobody's business here either.
            plain[a] |= of_a[line].plain >= order_[b];
            plain[b] |= of_b[line].plain >= order_[a];
        }
    }
    if (!any) return;
    ++found;
    std::fprintf(out, "shared 0x%" PRIx64 "\n", physical + line * line_bytes);
    for (unsigned v = 0; v < vcpus_maximum; ++v) {
        if (!involved[v]) continue;
        const Touch& touch = page.touches[v].load(std::memory_order_acquire)[line];
        std::fprintf(out, "  vcpu %u loads %" PRIu32 " stores %" PRIu32 " fetches %" PRIu32 " at 0x%" PRIx64 " %s\n", v,
                     touch.count[0], touch.count[1], touch.count[2], touch.address(), plain[v] ? "plain" : "window");
    }
}

void Lines::write(std::FILE* out) const {
    struct Sum {
        uint64_t lines = 0, count[3] = {};
    };
    std::array<Sum, vcpus_maximum> sums{};
    uint64_t found = 0;
    pages_.for_each([&](uint64_t physical, const Page& page) {
        for (unsigned v = 0; v < vcpus_maximum; ++v) {
            const Touch* touches = page.touches[v].load(std::memory_order_acquire);
            for (uint64_t i = 0; touches != nullptr && i < lines_per_page; ++i) {
                if (touches[i].begun() == 0) continue;
                ++sums[v].lines;
                for (unsigned k = 0; k < 3; ++k) sums[v].count[k] += touches[i].count[k];
            }
        }
        for (uint64_t line = 0; line < lines_per_page; ++line) write_shared(out, physical, page, line, found);
    });
    for (unsigned v = 0; v < vcpus_maximum; ++v) {
        if (!began(v)) continue;
        std::fprintf(out,
                     "driver %u order %u lines %" PRIu64 " loads %" PRIu64 " stores %" PRIu64 " fetches %" PRIu64 "\n",
                     v, unsigned{order_[v]}, sums[v].lines, sums[v].count[0], sums[v].count[1], sums[v].count[2]);
    }
    std::fprintf(out, "end shared %" PRIu64 "\n", found);
}

}  // namespace skerry::law1
