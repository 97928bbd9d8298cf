// A knowledge base with memory of its own, and answers as text.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "skb/skb.hpp"

namespace skerry::test {

struct SkbWorld {
    explicit SkbWorld(size_t bytes = 4 << 20) : memory(bytes), base(memory) {}

    std::string load(std::string_view text, std::string_view file = "rules.pl") {
        return said(base.load(file, text, problem));
    }
    std::string tell(std::string_view fact) { return said(base.tell(fact, problem)); }
    // Rows in sorted order: "a 1; b 2", "none", or what is wrong.
    std::string ask(std::string_view goals, const skb::Limits& limits = {}) {
        skb::Answers answers(base.pool());
        std::string wrong = said(base.ask(goals, answers, limits, problem));
        if (!wrong.empty()) return wrong;
        std::vector<std::string> rows;
        for (uint32_t i = 0; i < answers.size(); i++) {
            base::Buffer<400> text;
            for (skb::Value value : answers.row(i)) {
                if (text.size() != 0) text << ' ';
                base.symbols().write(text, value);
            }
            rows.emplace_back(answers.columns() == 0 ? "yes" : text.view());
        }
        std::sort(rows.begin(), rows.end());
        std::string all;
        for (const std::string& row : rows) all += (all.empty() ? "" : "; ") + row;
        return rows.empty() ? "none" : all;
    }
    std::string said(const base::Status& status) {
        if (status.ok()) return {};
        base::Buffer<400> text;
        problem.write(text);
        return std::string(text.view());
    }

    std::vector<std::byte> memory;
    skb::KnowledgeBase base;
    skb::Problem problem;
};

// Numbers from a seed: xorshift64* (Vigna 2016).
struct Numbers {
    uint64_t state;
    uint64_t next() {
        state ^= state >> 12, state ^= state << 25, state ^= state >> 27;
        return state * 0x2545f4914f6cdd1d;
    }
    uint32_t below(uint32_t limit) { return static_cast<uint32_t>((next() >> 32) % limit); }
};

}  // namespace skerry::test
