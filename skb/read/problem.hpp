// What is wrong, where, and what was expected: one line for whoever wrote it.
#pragma once

#include "platforms/base/format.hpp"
#include "platforms/base/result.hpp"

namespace skerry::skb {

struct Problem {
    std::string_view file;  // as the caller named it: it must outlive this
    uint32_t line = 0;      // 0: no line is to blame
    base::Buffer<240> text;

    // Starts the text anew and returns it.
    base::Text& at(uint32_t where) {
        line = where;
        text.clear();
        return text;
    }
    // FILE:LINE: TEXT
    void write(base::Text& out) const {
        out << file;
        if (line != 0) out << ':' << line;
        out << ": " << text.view();
    }
};

}  // namespace skerry::skb
