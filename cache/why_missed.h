// Why a prompt did not find in the provider's cache what an earlier one had used: the one rule for
// `foreword explain`, the metrics and the dashboard.
//
// Pure functions of plain values, thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cache/ledger_row.h"

namespace foreword::cache {

/// A use of a knowledge base with some model and upstream, as far as the next one is concerned.
struct CacheUse {
  config::TimePoint started;
  std::chrono::microseconds first_byte{0};
  std::string kb_version;
  /// How long what was last written of that version lives; nothing: not known.
  std::optional<std::chrono::seconds> time_to_live;
};

/// What `row` is to the next one; `before` is what was to it.
[[nodiscard]] CacheUse cache_use(const LedgerRow& row, const std::optional<CacheUse>& before);
/// The same from a ledger that is read backwards: `before` starts as nothing, and takes in one
/// earlier row of the same upstream, model and knowledge base after the other. False: nothing more
/// can be learned.
[[nodiscard]] bool learn_backwards(const LedgerRow& earlier, std::optional<CacheUse>& before);

enum class MissReason : std::uint8_t {
  first_use,    // nobody used it before
  expired,      // longer since then than what was written was to live
  new_version,  // the knowledge base was published anew, while the old version was warm
  too_soon,     // the answer to the use before had not begun: its write was not visible yet
  unexplained,  // it should have been warm: something else in front, another account, or evicted
};

/// Of several reasons the first: what had expired would have been missed without a new version too,
/// and a new version however late it is asked for.
[[nodiscard]] MissReason why_missed(config::TimePoint started, std::string_view kb_version,
                                    const std::optional<CacheUse>& before);

}  // namespace foreword::cache
