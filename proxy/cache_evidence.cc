#include "proxy/cache_evidence.h"

#include <algorithm>

#include "config/limits.h"

namespace foreword::proxy {
namespace {

using config::TokenClass;

std::uint64_t sum(const config::TokenCounts& tokens, std::initializer_list<TokenClass> classes) {
  std::uint64_t total = 0;
  for (const auto each : classes) total += tokens[each];
  return total;
}

}  // namespace

config::CacheTerms CacheEvidence::adjust(std::string_view upstream, std::string_view model,
                                         const config::CacheTerms& terms,
                                         config::TimePoint now) const {
  auto adjusted = terms;
  const std::lock_guard lock(mutex_);
  const auto found = facts_.find(Names(upstream, model));
  if (found == facts_.end()) return adjusted;
  const auto& facts = found->second;
  const auto age = now - facts.last_seen;
  if (age > config::limits::kRefusalTime) return adjusted;
  if (facts.has_minimum()) {
    adjusted.min_tokens = std::max(adjusted.min_tokens, facts.not_cached_up_to + 1);
  }
  if (facts.refuses_extended()) adjusted.write_long = 0;
  return adjusted;
}

bool CacheEvidence::answered(std::string_view upstream, std::string_view model,
                             const AskedOfCache& asked, const config::TokenCounts& tokens,
                             config::TimePoint now) {
  if (asked.marked_tokens == 0) return false;
  const auto brief = sum(tokens, {TokenClass::cache_write_5m, TokenClass::cache_write_30m});
  const auto extended = sum(tokens, {TokenClass::cache_write_1h, TokenClass::cache_write_12h});
  const bool cached = brief + extended + tokens[TokenClass::cache_read] > 0;
  const std::lock_guard lock(mutex_);
  auto found = facts_.find(Names(upstream, model));
  if (found == facts_.end()) {
    if (facts_.size() >= config::limits::kMaxRefusals) {
      facts_.erase(std::ranges::min_element(
          facts_, {}, [](const auto& each) { return each.second.last_seen; }));
    }
    found = facts_.try_emplace({std::string(upstream), std::string(model)}).first;
  }
  auto& facts = found->second;
  facts.last_seen = now;
  if (!cached) {
    facts.not_cached_up_to = std::max(facts.not_cached_up_to, asked.marked_tokens);
    ++facts.times_not_cached;
  } else if (asked.marked_tokens <= facts.not_cached_up_to) {
    facts.not_cached_up_to = 0;  // that was no minimum
    facts.times_not_cached = 0;
  }
  if (!asked.only_extended || brief + extended == 0) return false;
  const bool refused = facts.refuses_extended();
  ++facts.asked_extended;
  if (extended > 0) ++facts.given_extended;
  return !refused && facts.refuses_extended();
}

std::vector<CacheEvidence::Known> CacheEvidence::all() const {
  std::vector<Known> all;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, facts] : facts_) all.push_back({key.first, key.second, facts});
  return all;
}

}  // namespace foreword::proxy
