// Which markers of ours a request may carry: a pure function from what is wanted to what no
// provider refuses. What they look like is plan.cc's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "assembler/outline.h"

namespace foreword::assembler {

/// A marker behind a segment, by its number in Outline::segments: "keep the prompt up to here for
/// so long". A time of another provider means its own shorter or longer one.
struct WantedMark {
  std::uint32_t segment = 0;
  Ttl ttl = Ttl::minutes_5;
  bool operator==(const WantedMark&) const = default;
};

struct MarkRequest {
  const Outline* outline = nullptr;
  /// The most wanted first: where there is room for fewer, the rest is dropped.
  std::span<const WantedMark> wanted;
  /// Markers that the blocks of a knowledge base carry, behind the tools and in front of all other
  /// segments. They take their room first.
  std::size_t knowledge = 0;
  /// And with the longer time, where it may stand.
  bool knowledge_long = false;
  /// OpenAI from gpt-5.6 on.
  bool explicit_breakpoints = false;
  /// Ours, not counting those of the knowledge base.
  std::size_t most = ~std::size_t{0};
};

struct PlacedMarks {
  /// In prefix order, no segment twice, with the time that the provider's rules allow.
  std::vector<WantedMark> placed;
  /// The time of the knowledge base's own markers; Anthropic's only.
  Ttl knowledge_ttl = Ttl::minutes_5;
};

/// Behind how many segments top-level cache_control puts its marker: behind the last that can carry
/// one.
[[nodiscard]] std::size_t automatic_mark(const Outline& outline);

/// How many markers the client has left, of those that the provider takes.
[[nodiscard]] std::size_t room_for_marks(const Outline& outline);

/// Facts behind the rules (PROVIDERS.md 1A.1, 1A.4 to 1A.6, 1B.2):
/// - Nothing is marked that Outline says must not be, nor twice, nor beyond the provider's number,
///   the client's own (top-level cache_control counts as one) included; nothing in a thread, and
///   nothing at Gemini.
/// - Anthropic refuses 1h behind 5m. A wanted 1h behind a 5m, the client's or one of ours, becomes
///   5m. A wanted 5m in front of a client's 1h becomes 1h, which costs nothing: all up to that 1h
///   is written at its price. A knowledge base's is 1h if one behind it is, unless a 5m is in front
///   of it.
/// - A request that breaks the rules before we come gets nothing: it is the client's own affair.
/// - Top-level cache_control marks the last block that can be marked, and another time on that
///   block is refused: nothing of ours goes there, or behind it.
/// - OpenAI: 12h only in Responses; beside prompt_cache_retention no time at all, since some say
///   that both are refused.
[[nodiscard]] PlacedMarks place_marks(const MarkRequest& request);

}  // namespace foreword::assembler
