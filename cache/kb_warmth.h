// Which knowledge bases providers' caches hold, told from the ledger's latest rows.
//
// A row says when a knowledge base was last used, whether it was read or written, and for how long
// a write was asked for; the cache's terms say how long that lasts. Not known here: evictions, and
// accounts, between which caches are not shared.
//
// Thread-safe. A ledger that cannot be read is an Error.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cache/row_window.h"
#include "config/models.h"

namespace foreword::cache {

struct KbWarmth {
  std::string kb;  // several are one name, as in the ledger
  std::string upstream;
  std::string model;
  std::string kb_version;
  config::TimePoint last_used;
  /// As far as the provider's terms promise, or, without marks, usually.
  config::TimePoint warm_until;
  bool promised = false;  // the cache takes marks, and its time to live is published
};

/// As long as any cache keeps what nobody uses.
inline constexpr std::chrono::hours kLongestWarmth{12};
inline constexpr std::uint64_t kMaxWarmthRows = 20'000;

/// Of each knowledge base, upstream and model its last use, by name; only of prompts that read or
/// wrote a cache since kLongestWarmth before `now`, the latest kMaxWarmthRows of them.
[[nodiscard]] config::Result<std::vector<KbWarmth>> kb_warmth(const Store& store,
                                                              const config::ModelTable& models,
                                                              config::TimePoint now);

}  // namespace foreword::cache
