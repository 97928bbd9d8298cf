// When something that serves one transfer at a time is busy. Transfers are booked when they are asked for, which may be
// long before they begin (their line is with others until then); so one that is booked later may come before.
#pragma once

#include <algorithm>
#include <vector>

#include "platforms/simulated/model/time.hpp"

namespace skerry::simulated::model {

class Calendar {
  public:
    // Books `length`, not before `from`; returns when it begins. Nothing is booked before `now` any more.
    Time book(Time now, Time from, Time length) {
        if (length == 0) return from;
        busy_.erase(busy_.begin(),
                    std::find_if(busy_.begin(), busy_.end(), [now](const Span& s) { return s.end > now; }));
        Time at = from;
        auto next = std::find_if(busy_.begin(), busy_.end(), [at](const Span& s) { return s.end > at; });
        for (; next != busy_.end() && next->begin < at + length; ++next) at = std::max(at, next->end);
        busy_.insert(next, {at, at + length});
        return at;
    }

  private:
    struct Span {
        Time begin, end;
    };
    std::vector<Span> busy_;  // in order; those that are over go
};

}  // namespace skerry::simulated::model
