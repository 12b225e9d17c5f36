#include "cache/kb_warmth.h"

#include <map>
#include <tuple>

#include "config/cache_terms.h"

namespace foreword::cache {
namespace {

using config::TokenClass;

/// (kb, upstream, model).
using Key = std::tuple<std::string, std::string, std::string>;

struct LastUse {
  KbWarmth warmth;
  config::CacheTerms terms;
  bool knows_lifetime = false;
};

bool wrote_brief(const LedgerRow& row) {
  return row.tokens[TokenClass::cache_write_5m] + row.tokens[TokenClass::cache_write_30m] > 0;
}
bool wrote_extended(const LedgerRow& row) {
  return row.tokens[TokenClass::cache_write_1h] + row.tokens[TokenClass::cache_write_12h] > 0;
}
bool used_a_cache(const LedgerRow& row) {
  return row.tokens[TokenClass::cache_read] > 0 || wrote_brief(row) || wrote_extended(row);
}

/// A read keeps what was written alive for as long as the write asked for: an earlier row says.
void learn_lifetime(const LedgerRow& row, LastUse& use) {
  if (use.knows_lifetime || row.kb_version != use.warmth.kb_version) return;
  const bool extended = wrote_extended(row);
  use.knows_lifetime = extended || wrote_brief(row);
  const auto seconds = extended ? use.terms.ttl_long_s : use.terms.ttl_short_s;
  use.warmth.warm_until = use.warmth.last_used + std::chrono::seconds(seconds);
}

}  // namespace

config::Result<std::vector<KbWarmth>> kb_warmth(const Store& store,
                                                const config::ModelTable& models,
                                                config::TimePoint now) {
  std::map<Key, LastUse> uses;
  TimeRange range;
  range.from = now - kLongestWarmth;
  const auto look = [&](const LedgerRow& row) {
    if (row.kb.empty() || !used_a_cache(row)) return;
    const auto [at, is_new] = uses.try_emplace(Key{row.kb, row.upstream, row.model});
    auto& use = at->second;
    if (is_new) {
      const auto* model = models.find(row.provider, row.model);
      if (model == nullptr) {
        uses.erase(at);
        return;
      }
      use.terms = config::cache_terms(*model, row.started);
      use.warmth = {row.kb, row.upstream, row.model, row.kb_version, row.started, {}, false};
      use.warmth.promised = use.terms.marks;
    }
    learn_lifetime(row, use);
  };
  const auto window = for_latest_rows(store, range, kMaxWarmthRows, look);
  if (!window) return window.error();
  std::vector<KbWarmth> result;
  result.reserve(uses.size());
  for (auto& [key, use] : uses) result.push_back(std::move(use.warmth));
  return result;
}

}  // namespace foreword::cache
