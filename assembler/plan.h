// Decides what goes into a request: a pure function from an outline to a list of edits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "assembler/additions.h"
#include "assembler/knowledge.h"
#include "assembler/marks.h"
#include "assembler/outline.h"
#include "config/limits.h"

namespace foreword::assembler {

/// "At byte `at` of the body, drop `erase` bytes, put `insert` there." Edits of a plan are sorted
/// by `at`, do not overlap, and several at one place apply in their order.
struct Edit {
  std::size_t at = 0;
  std::size_t erase = 0;
  std::string_view insert;
};

/// Knowledge bases as the planner sees them. The layers' bytes have to outlive the plan and what is
/// made of it; what stands around them is copied.
struct KnowledgeView {
  std::span<const KnowledgeLayer> layers;
};

/// What the planner may rely on at this upstream and model.
struct ModelRules {
  /// OpenAI from gpt-5.6 on.
  bool explicit_breakpoints = false;
};

struct PlanRequest {
  const Outline* outline = nullptr;
  /// nullptr: no knowledge base is attached.
  const KnowledgeView* knowledge = nullptr;
  ModelRules model;
  /// OpenAI: sent as prompt_cache_key where the client sent none, not even null. Empty: none.
  std::string_view cache_key;
  /// What this upstream is known to refuse.
  Additions leave_out;
  /// Markers behind segments of the client's, the most wanted first.
  std::span<const WantedMark> marks = {};
  /// The knowledge base takes its markers first, and no more than this: less, to leave room for
  /// `marks`.
  std::size_t most_knowledge_marks = config::limits::kAnthropicMaxBreakpoints;
  /// The knowledge base is to be kept for the longer time.
  bool knowledge_long = false;
  /// OpenAI with explicit breakpoints: nothing but what they mark is to be written. Left alone
  /// where the client says anything about its cache.
  bool only_marked = false;
};

/// What became of the knowledge base; stored in the ledger: never renumber.
enum class Placement : std::uint8_t {
  none = 0,                  // no knowledge base was attached
  inserted = 1,              // with a breakpoint of ours
  inserted_unmarked = 2,     // without: all breakpoints are the client's, or the provider has none
  skipped_thread = 3,        // Anthropic message thread: must pass byte for byte
  skipped_continuation = 4,  // OpenAI previous_response_id / conversation: it is already in front
  skipped_cached_content = 5,  // Gemini cachedContent excludes a system instruction
  skipped_shape = 6,           // e.g. `system` is null: forwarded as it came
  refused = 7,                 // the upstream takes nothing there for this model (leave_out)
};
[[nodiscard]] std::string_view name_of(Placement placement);

struct Plan {
  std::vector<Edit> edits;
  Placement placement = Placement::none;
  /// Which of the markers that were wanted the request will carry, in prefix order, and with which
  /// time: see place_marks().
  std::vector<WantedMark> placed;
  /// The layers of the knowledge base with a mark_rank below this carry a marker, and whether it
  /// asks for the longer time.
  std::size_t knowledge_marks = 0;
  bool knowledge_long = false;
  /// OpenAI sets one more at the end by itself.
  bool implicit_mark = false;
  /// include_usage was asked for on the client's behalf: its chunk has to be taken out of the
  /// answer.
  bool strip_usage_chunk = false;
  /// What the edits put in, and what of these kinds the client's own body names too: an error about
  /// those may be about the client's.
  Additions added;
  Additions clients_own;
  /// Owns the small strings that `edits` point to: they stay in place when the plan moves. A list
  /// has no memory while it is empty; a deque has half a kilobyte.
  std::list<std::string> owned;

  Plan() = default;
  Plan(Plan&&) = default;
  Plan& operator=(Plan&&) = default;
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
};

/// Facts behind the rules (for markers behind the client's own segments: marks.h):
/// - Anthropic: the KB becomes the first `system` blocks, one per layer (behind Claude Code's
///   billing header, which Anthropic reads in the first block), each with a breakpoint as
///   far as the client's own markers (top-level cache_control counts as one) leave room of the
///   four (which of them: KnowledgeLayer::mark_rank), so that a later version finds the layers
///   warm that it shares with this one; 1h when a marker that comes after it is 1h
///   (1h must precede 5m), else 5m.
/// - OpenAI: one message in front of all others, in the client's own first instruction role (else
///   `developer` where explicit breakpoints exist, `system` elsewhere), one content part per layer;
///   explicit breakpoints on the parts, by the same rule, when the model has them and the client's
///   own leave room (latest 3 beside the implicit one, 4 without). prompt_cache_key when the client
///   sent none, also without a KB. prompt_cache_options {mode: explicit} keeps the implicit one
///   from being written and charged. Streaming chat completions are asked for their usage.
/// - Gemini: first parts of the system instruction; position is all.
/// A text of the client's that is to be marked becomes a list of one block around its own bytes.
[[nodiscard]] Plan plan(const PlanRequest& request);

}  // namespace foreword::assembler
