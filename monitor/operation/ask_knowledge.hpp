// The knowledge base as a monitor asks it: the directory, on whose core it is. Nobody waits for it longer than his
// patience, and nothing that must go on waits at all.
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

constexpr uint64_t usual_patience = 2'000'000'000;  // ns

// Rows of `columns` numbers, as many as `numbers` has room for; -> how many there are. Errors: closed (nobody answers),
// timed_out, full (no room), corrupt (other columns), and what the base said of the goals.
urpc::Task<base::Result<uint32_t>> ask_knowledge(urpc::FramePool& pool, Monitor& monitor, std::string_view goals,
                                                 uint32_t columns, std::span<uint32_t> numbers,
                                                 uint64_t patience = usual_patience);
// Facts that the base shall know, or shall know no more. Errors: as above.
urpc::Task<base::Status> inform_knowledge(urpc::FramePool& pool, Monitor& monitor, urpc::monitor::QuestionKind kind,
                                          std::string_view text);

// --- what the base says ---
// Waits for a question. Errors: refused (not the base that init has started, or it waits already), closed.
urpc::Task<base::Result<urpc::monitor::Question>> next_question(urpc::FramePool& pool, Monitor& monitor,
                                                                base::DomainId keeper,
                                                                urpc::monitor::NextQuestion answer);
// Errors: corrupt (somebody else says so).
base::Status knowledge_changed(Monitor& monitor, base::DomainId keeper, const urpc::monitor::KnowledgeChanged& message);

}  // namespace skerry::monitor
