// The bound beside all that could have been done, tried one by one.
#include "tools/replay/bound.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "tools/replay/policies.h"
#include "tools/replay/replay.h"
#include "unit/replay/small_traces.h"

namespace foreword::replay {
namespace {

struct Use {
  double at = 0;
  double tokens = 0;
};

/// What is written of a segment: since when it runs, and for how long.
struct Written {
  double since = 0;
  double ttl = 0;
};

/// The cheapest of all ways through the uses from `next` on. A cache is pinged as often as it
/// takes, or, without pings, is gone when its time is over.
double cheapest(const std::vector<Use>& uses, std::size_t next, std::optional<Written> written,
                const config::CacheTerms& terms, Pings pings) {
  if (next == uses.size()) return 0;
  const auto [at, tokens] = uses[next];
  const auto go_on = [&](std::optional<Written> now) {
    return cheapest(uses, next + 1, now, terms, pings);
  };
  const double short_s = terms.ttl_short_s;
  const double long_s = terms.ttl_long_s;
  // Plain, whether or not what is there stays for later.
  auto best = tokens + std::min(go_on(std::nullopt), go_on(written));
  best = std::min(best, tokens * terms.write_short + go_on(Written{at, short_s}));
  if (long_s > 0) best = std::min(best, tokens * terms.write_long + go_on(Written{at, long_s}));
  if (written) {
    double paid = 0;
    for (auto since = written->since; at > since + written->ttl; since += written->ttl) {
      paid += pings == Pings::yes ? tokens * terms.read : std::numeric_limits<double>::infinity();
    }
    best = std::min(best, paid + tokens * terms.read + go_on(Written{at, written->ttl}));
  }
  return best;
}

double brute_force(const Trace& trace, const config::CacheTerms& terms, Pings pings) {
  std::map<Segment, std::vector<Use>> uses;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    for (std::uint32_t p = 0; p < trace.segment_count(i); ++p) {
      const double tokens = trace.tokens(i, p + 1) - trace.tokens(i, p);
      uses[trace.segments(i)[p]].push_back({trace[i].at, tokens});
    }
  }
  double sum = 0;
  for (const auto& [segment, its] : uses) sum += cheapest(its, 0, std::nullopt, terms, pings);
  return sum;
}

void expect_same_as_brute_force(const config::CacheTerms& terms, Pings pings) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    const auto trace = random_trace(seed, 12, 4);
    const auto expected = brute_force(trace, terms, pings);
    EXPECT_NEAR(clairvoyant_bound(trace, terms, pings) / expected, 1, 1e-5) << "seed " << seed;
  }
}

TEST(Bound, is_the_cheapest_of_all_choices) {
  expect_same_as_brute_force(kMarked, Pings::no);
}

TEST(Bound, is_the_cheapest_of_all_choices_where_the_provider_caches_by_itself) {
  expect_same_as_brute_force(kAutomatic, Pings::no);
}

TEST(Bound, with_pings_is_the_cheapest_of_all_choices_and_pings) {
  expect_same_as_brute_force(kMarked, Pings::yes);
}

TEST(Bound, writes_for_as_long_as_the_next_use_needs) {
  // Five minutes' write would serve the first gap only: 1.25 + 0.1, and 1 for the last use.
  const auto trace = make_trace({{0, {1}}, {300, {1}}, {3000, {1}}});
  EXPECT_DOUBLE_EQ(clairvoyant_bound(trace, kMarked, Pings::no), 512 * (2 + 0.1 + 0.1));
}

TEST(Bound, pays_plain_for_what_never_comes_again) {
  const auto trace = make_trace({{0, {1, 2}}, {1, {1, 3}, 100}});
  EXPECT_DOUBLE_EQ(clairvoyant_bound(trace, kMarked, Pings::no), 512 * 1.35 + 512 + 100);
}

TEST(Bound, is_below_the_bill_of_every_policy) {
  const auto& table = config::ModelTable::built_in();
  const auto* const model = table.find(config::Provider::anthropic, "claude-sonnet-5");
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    const auto trace = random_trace(seed, 60, 50);
    const auto bound = clairvoyant_bound(trace, kMarked, Pings::no);
    for (const auto& named : policies(kMarked)) {
      const auto policy = named.make(trace, kMarked);
      const Pricing pricing{table, *model, {}};
      const auto outcome = run(trace, kMarked, pricing, *policy, nullptr);
      EXPECT_GE(outcome.billed.units(kMarked) * (1 + 1e-6), bound) << named.name << ' ' << seed;
    }
  }
}

}  // namespace
}  // namespace foreword::replay
