#include "cache/cache_story.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>

#include "cache/keys.h"
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

std::uint64_t written(const LedgerRow& row) {
  std::uint64_t sum = 0;
  for (const auto& [token_class, life] : kLives) sum += row.tokens[token_class];
  return sum;
}

/// Of what the request wrote, what lives longest.
std::optional<std::chrono::seconds> life_of(const LedgerRow& row) {
  std::optional<std::chrono::seconds> longest;
  for (const auto& [token_class, life] : kLives) {
    if (row.tokens[token_class] > 0) longest = std::max(longest.value_or(life), life);
  }
  return longest;
}

bool is_of_the_same(const LedgerRow& row, const LedgerRow& other) {
  return other.kb == row.kb && other.model == row.model && other.upstream == row.upstream &&
         other.usage_source != UsageSource::none;
}

/// What came before a row, seen backwards.
struct Before {
  std::optional<RequestId> id;  // of the last one, of any version
  std::optional<CacheUse> use;
};

/// False: there is nothing more to learn.
bool look_at(const LedgerRow& row, const LedgerRow& earlier, Before& before) {
  if (row.started - earlier.started > kCacheLookBack) return false;
  if (!is_of_the_same(row, earlier)) return true;
  if (!before.use) {
    before.id = earlier.id;
    before.use = cache_use(earlier, std::nullopt);
  } else if (earlier.kb_version == before.use->kb_version) {
    before.use->time_to_live = life_of(earlier);
  }
  return before.use->kb_version == row.kb_version && !before.use->time_to_live;
}

config::Result<Before> find_before(const Store& store, const LedgerRow& row) {
  Before before;
  std::size_t looked_at = 0;
  std::optional<config::Error> failed;
  const auto visit = [&](std::string_view, std::string_view value) {
    const auto earlier = decode_ledger_row(value);
    if (!earlier) failed = earlier.error();
    return earlier && look_at(row, *earlier, before) && ++looked_at < kCacheLookBackRows;
  };
  const auto scanned = store.scan_backwards(Family::ledger, {}, ledger_key(row.id), visit);
  if (!scanned) return scanned.error();
  if (failed) return *failed;
  return before;
}

CacheCause cause_of_miss(const LedgerRow& row, const std::optional<CacheUse>& before) {
  if (!before) return CacheCause::first_use;
  if (before->kb_version != row.kb_version) return CacheCause::new_version;
  const auto gap = row.started - before->started;
  if (gap < before->first_byte) return CacheCause::too_soon;
  if (before->time_to_live && gap >= *before->time_to_live) return CacheCause::expired;
  return CacheCause::unexplained;
}

}  // namespace

std::string_view name_of(CacheCause cause) {
  switch (cause) {
    case CacheCause::none:
      return "none";
    case CacheCause::warm:
      return "warm";
    case CacheCause::extended:
      return "extended";
    case CacheCause::not_cached:
      return "not_cached";
    case CacheCause::first_use:
      return "first_use";
    case CacheCause::new_version:
      return "new_version";
    case CacheCause::expired:
      return "expired";
    case CacheCause::too_soon:
      return "too_soon";
    case CacheCause::unexplained:
      return "unexplained";
  }
  return "unknown";
}

CacheUse cache_use(const LedgerRow& row, const std::optional<CacheUse>& before) {
  CacheUse use{row.started, row.first_byte, row.kb_version, life_of(row)};
  const bool same_version = before && before->kb_version == row.kb_version;
  if (!use.time_to_live && same_version) use.time_to_live = before->time_to_live;
  return use;
}

CacheCause cache_cause(const LedgerRow& row, const std::optional<CacheUse>& before) {
  if (row.kb.empty() || row.usage_source == UsageSource::none) return CacheCause::none;
  const bool wrote = written(row) > 0;
  if (row.tokens[TokenClass::cache_read] > 0)
    return wrote ? CacheCause::extended : CacheCause::warm;
  return wrote ? cause_of_miss(row, before) : CacheCause::not_cached;
}

config::Result<CacheStory> cache_story(const Store& store, const LedgerRow& row) {
  CacheStory story;
  if (row.kb.empty() || row.usage_source == UsageSource::none) return story;
  const auto before = find_before(store, row);
  if (!before) return before.error();
  story.cause = cache_cause(row, before->use);
  story.before = before->id;
  if (before->use) {
    story.time_to_live = before->use->time_to_live;
    story.since_before =
        std::chrono::duration_cast<std::chrono::milliseconds>(row.started - before->use->started);
  }
  return story;
}

}  // namespace foreword::cache
