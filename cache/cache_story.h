// Why a request found its knowledge base in the provider's cache, or did not: from the ledger.
//
// The ledger knows who used the same knowledge base with the same model before, when, and what was
// written for how long. It does not know what else stood in front (tools), nor the account, so a
// miss that none of this explains is said to be just that. Thread-safe; reads the store.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cache/ledger.h"
#include "cache/ledger_row.h"
#include "cache/store.h"
#include "config/result.h"

namespace foreword::cache {

enum class CacheCause : std::uint8_t {
  none,         // no usage was reported, or no knowledge base was attached: nothing to explain
  warm,         // read from the cache, nothing of it written
  extended,     // read, and what came behind it was written
  not_cached,   // neither read nor written: too short for a cache, or nothing asked for one
  first_use,    // no request before it within kCacheLookBack
  new_version,  // the knowledge base was published anew since the request before
  expired,      // longer since the request before than what was written was to live
  too_soon,     // the answer to the request before had not begun: its write was not visible yet
  unexplained,  // it should have been warm: something else in front, another account, or evicted
};
inline constexpr std::size_t kCacheCauses = 9;
[[nodiscard]] std::string_view name_of(CacheCause cause);

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
/// `before`: by the same upstream, model and knowledge base. Pure.
[[nodiscard]] CacheCause cache_cause(const LedgerRow& row, const std::optional<CacheUse>& before);

/// As far back as the longest time to live reaches, twice, and as many rows as are read at once.
inline constexpr std::chrono::hours kCacheLookBack{24};
inline constexpr std::size_t kCacheLookBackRows = 50'000;

struct CacheStory {
  CacheCause cause = CacheCause::none;
  /// The request before it with the same upstream, model and knowledge base.
  std::optional<RequestId> before;
  std::chrono::milliseconds since_before{0};
  /// How long what had last been written lives; nothing: not known.
  std::optional<std::chrono::seconds> time_to_live;
};

[[nodiscard]] config::Result<CacheStory> cache_story(const Store& store, const LedgerRow& row);

}  // namespace foreword::cache
