// Functions that the plugin of test/instructions knows by name: they have addresses of their own, and nothing of them
// is inlined elsewhere.
#pragma once

#include "urpc/group/group.hpp"

extern "C" {
// Around each measured operation, at the root.
void skerry_shootdown_begin();
void skerry_shootdown_end();
// The poll loop, all of it: true when there is a line to take, false after a bounded number of looks. Without a group
// (null), until a word has a value.
bool skerry_shootdown_wait(const skerry::urpc::group::Group* group, const std::atomic<uint64_t>* word, uint64_t value);
}
