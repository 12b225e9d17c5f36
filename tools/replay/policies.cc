#include "tools/replay/policies.h"

#include <fmt/format.h>

#include "tools/replay/fixed_policies.h"
#include "tools/replay/foreword_policy.h"

namespace foreword::replay {
namespace {

void add_fixed(std::vector<NamedPolicy>& all, std::int32_t ttl_s) {
  const auto ttl = ttl_name(ttl_s);
  all.push_back({.name = "head-" + ttl,
                 .what = "what an earlier request had too, else all full blocks",
                 .make = [ttl_s](const Trace& trace, const config::CacheTerms&) {
                   return mark_head(trace, ttl_s);
                 }});
  all.push_back({.name = "always-" + ttl,
                 .what = "the last full block",
                 .make = [ttl_s](const Trace& trace, const config::CacheTerms&) {
                   return mark_last_full(trace, ttl_s);
                 }});
  all.push_back({.name = "spread-" + ttl,
                 .what = "the last full block and those 20, 40 and 60 in front of it",
                 .make = [ttl_s](const Trace& trace, const config::CacheTerms& terms) {
                   return mark_spread(trace, terms, ttl_s);
                 }});
}

}  // namespace

std::string ttl_name(std::int32_t seconds) {
  constexpr std::int32_t kMinute = 60;
  constexpr std::int32_t kHour = 60 * kMinute;
  return seconds % kHour == 0 ? fmt::format("{}h", seconds / kHour)
                              : fmt::format("{}m", seconds / kMinute);
}

std::vector<NamedPolicy> policies(const config::CacheTerms& terms) {
  std::vector<NamedPolicy> all;
  all.push_back({.name = "none",
                 .what = "no caching",
                 .caches = false,
                 .make = [](const Trace&, const config::CacheTerms&) { return mark_nothing(); }});
  if (!terms.marks) {
    all.push_back({.name = "automatic",
                   .what = "the provider caches by itself",
                   .make = [](const Trace&, const config::CacheTerms&) { return mark_nothing(); }});
    return all;
  }
  all.push_back({.name = "automatic",
                 .what = "the provider's own mode: the last block",
                 .make = [](const Trace& trace, const config::CacheTerms& own) {
                   return mark_end(trace, own.ttl_short_s);
                 }});
  add_fixed(all, terms.ttl_short_s);
  add_fixed(all, terms.ttl_long_s);
  all.push_back({.name = "foreword",
                 .what = "what pays by what was learned so far, shared prefixes kept warm",
                 .make = [](const Trace& trace, const config::CacheTerms& own) {
                   return foreword_policy(trace, own, true);
                 }});
  all.push_back({.name = "foreword-without-pings",
                 .what = "the same, and nothing kept warm",
                 .make = [](const Trace& trace, const config::CacheTerms& own) {
                   return foreword_policy(trace, own, false);
                 }});
  return all;
}

}  // namespace foreword::replay
