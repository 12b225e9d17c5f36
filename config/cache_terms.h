// What a model's prompt cache charges and promises, as ratios and numbers that a planner computes
// with.
//
// The sources: prices and minimums from the model table, each with its own source there. Lifetimes,
// marks and look-back from platform.claude.com prompt-caching (2026-08-21), the prompt-caching
// guide of developers.openai.com (2026-10) with the types of npm openai 7.57.0 (2026-11-13), and
// ai.google.dev caching (2026-10-13).
#pragma once

#include <cstdint>
#include <limits>

#include "config/models.h"

namespace foreword::config {

/// A look-up that goes back as far as the prompt does.
inline constexpr std::uint32_t kUnlimitedLookback = std::numeric_limits<std::uint32_t>::max();

/// Prices are ratios to the input price. A "mark" is a place in a prompt where a write is asked
/// for.
struct CacheTerms {
  double read = 1;
  /// Per token, with each of the two times to live. Where writing is free, `write_short` is 1: the
  /// tokens cost what plain input costs. `write_long` is 0 where there is no choice.
  double write_short = 1;
  double write_long = 0;
  /// Seconds from the start of the request that wrote or last read. Without marks, about how long
  /// an idle prefix is kept: no provider promises it.
  std::int32_t ttl_short_s = 0;
  std::int32_t ttl_long_s = 0;
  /// Prefixes of fewer tokens are neither written nor read.
  std::uint32_t min_tokens = 0;
  /// 0 without marks.
  std::uint32_t max_marks = 0;
  /// Segments that a look-up checks from each mark, the mark's own included; or
  /// kUnlimitedLookback.
  std::uint32_t lookback = 0;
  bool marks = false;        // explicit marks are possible, and nothing is written elsewhere
  bool writes_free = false;  // each segment's end is written without being asked or charged for

  bool operator==(const CacheTerms&) const = default;
};

/// Of a request at `at` below the model's long-context threshold: above it the ratios are nearly
/// the same, and what is exact comes from ModelTable::cost.
[[nodiscard]] CacheTerms cache_terms(const Model& model, TimePoint at);

/// As what a provider bills that it writes for its shorter or its longer time to live.
[[nodiscard]] TokenClass write_class(Provider provider, bool longer);

}  // namespace foreword::config
