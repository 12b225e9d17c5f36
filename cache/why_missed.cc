#include "cache/why_missed.h"

#include <algorithm>
#include <array>
#include <utility>

#include "config/tokens.h"

namespace foreword::cache {
namespace {

using config::TokenClass;
using namespace std::chrono_literals;

constexpr std::array<std::pair<TokenClass, std::chrono::seconds>, 4> kLives = {{
    {TokenClass::cache_write_5m, 5min},
    {TokenClass::cache_write_1h, 1h},
    {TokenClass::cache_write_30m, 30min},
    {TokenClass::cache_write_12h, 12h},
}};

/// Of what the request wrote, what lives longest.
std::optional<std::chrono::seconds> life_of(const LedgerRow& row) {
  std::optional<std::chrono::seconds> longest;
  for (const auto& [token_class, life] : kLives) {
    if (row.tokens[token_class] > 0) longest = std::max(longest.value_or(life), life);
  }
  return longest;
}

}  // namespace

CacheUse cache_use(const LedgerRow& row, const std::optional<CacheUse>& before) {
  CacheUse use{row.started, row.first_byte, row.kb_version, life_of(row)};
  const bool same_version = before && before->kb_version == row.kb_version;
  if (!use.time_to_live && same_version) use.time_to_live = before->time_to_live;
  return use;
}

bool learn_backwards(const LedgerRow& earlier, std::optional<CacheUse>& before) {
  if (!before) {
    before = cache_use(earlier, std::nullopt);
  } else if (earlier.kb_version == before->kb_version) {
    before->time_to_live = life_of(earlier);
  } else {
    return false;  // the version before: what was written of this one is not there
  }
  return !before->time_to_live;
}

MissReason why_missed(config::TimePoint started, std::string_view kb_version,
                      const std::optional<CacheUse>& before) {
  if (!before) return MissReason::first_use;
  const auto gap = started - before->started;
  if (before->time_to_live && gap >= *before->time_to_live) return MissReason::expired;
  if (before->kb_version != kb_version) return MissReason::new_version;
  return gap < before->first_byte ? MissReason::too_soon : MissReason::unexplained;
}

}  // namespace foreword::cache
