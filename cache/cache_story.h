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
#include <string_view>

#include "cache/ledger.h"
#include "cache/ledger_row.h"
#include "cache/store.h"
#include "cache/why_missed.h"
#include "config/result.h"

namespace foreword::cache {

enum class CacheCause : std::uint8_t {
  none,        // no usage was reported, or no knowledge base was attached: nothing to explain
  warm,        // read from the cache, nothing of it written
  extended,    // read, and what came behind it was written
  not_cached,  // neither read nor written: too short for a cache, or nothing asked for one
  // Missed, and why (MissReason):
  first_use,
  new_version,
  expired,
  too_soon,
  unexplained,
};
inline constexpr std::size_t kCacheCauses = 9;
[[nodiscard]] std::string_view name_of(CacheCause cause);

/// `before`: by the same upstream, model and knowledge base. Pure. A miss has the reason that
/// why_missed() gives.
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
