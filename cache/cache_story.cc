#include "cache/cache_story.h"

#include <array>
#include <functional>
#include <utility>

#include "cache/keys.h"
#include "config/tokens.h"

namespace foreword::cache {
namespace {

using config::TokenClass;

constexpr std::array kWrites{TokenClass::cache_write_5m, TokenClass::cache_write_1h,
                             TokenClass::cache_write_30m, TokenClass::cache_write_12h};

std::uint64_t written(const LedgerRow& row) {
  std::uint64_t sum = 0;
  for (const auto token_class : kWrites) sum += row.tokens[token_class];
  return sum;
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
  if (!before.use) before.id = earlier.id;
  return learn_backwards(earlier, before.use);
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
  switch (why_missed(row.started, row.kb_version, before)) {
    case MissReason::first_use:
      return CacheCause::first_use;
    case MissReason::expired:
      return CacheCause::expired;
    case MissReason::new_version:
      return CacheCause::new_version;
    case MissReason::too_soon:
      return CacheCause::too_soon;
    case MissReason::unexplained:
      break;
  }
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
