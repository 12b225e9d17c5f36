// Foreword's policy against the fixed ones and the bound, on made-up traffic of each kind.
#include "tools/replay/foreword_policy.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "tools/replay/bound.h"
#include "tools/replay/policies.h"
#include "tools/replay/replay.h"
#include "unit/replay/small_traces.h"

namespace foreword::replay {
namespace {

constexpr std::size_t kKbSegments = 292;  // 150,000 tokens

double bill_of(const Trace& trace, Policy& policy) {
  const auto& table = config::ModelTable::built_in();
  const auto& model = *table.find(config::Provider::anthropic, "claude-sonnet-5");
  return run(trace, kMarked, {table, model, config::TimePoint()}, policy, nullptr).bill(kMarked);
}

double foreword_bill(const Trace& trace, bool keeps_warm) {
  return bill_of(trace, *foreword_policy(trace, kMarked, keeps_warm));
}

double best_fixed_bill(const Trace& trace) {
  double best = 1;
  for (const auto& named : policies(kMarked)) {
    if (named.name.starts_with("foreword")) continue;
    best = std::min(best, bill_of(trace, *named.make(trace, kMarked)));
  }
  return best;
}

double bound_of(const Trace& trace) {
  return clairvoyant_bound(trace, kMarked, Pings::no);
}

/// Prompts that come by chance, so many seconds apart on average.
class Traffic {
 public:
  explicit Traffic(double mean_gap) : gap_(1 / mean_gap) {}

  double next() { return now_ += gap_(random_); }
  std::size_t below(std::size_t n) { return random_() % n; }
  std::vector<std::uint64_t> fresh(std::size_t count) {
    fresh_ += count;
    return run_of(fresh_ - count, count);
  }
  double gap_of_a_turn(double median) {
    return median * std::exp(1.2 * std::normal_distribution()(random_));
  }

 private:
  std::mt19937 random_{1};
  std::exponential_distribution<> gap_;
  double now_ = 0;
  std::uint64_t fresh_ = 1'000'000;
};

/// A question of its own behind one of `kbs` knowledge bases, `burst` at once.
Trace knowledge_base(double mean_gap, std::size_t requests, std::size_t kbs = 1,
                     std::size_t burst = 1) {
  Traffic traffic(mean_gap);
  std::vector<SmallRequest> all;
  while (all.size() < requests) {
    const double at = traffic.next();
    // The k-th is asked half as often as the one before.
    std::size_t kb = 0;
    while (kb + 1 < kbs && traffic.below(2) == 1) ++kb;
    for (std::size_t i = 0; i < burst; ++i) {
      const double later = at + 0.05 * static_cast<double>(i);
      const auto question = traffic.fresh(1 + traffic.below(8));
      all.push_back({later, joined(run_of(kb * 1000, kKbSegments), question), 200});
    }
  }
  return make_trace(all);
}

Trace nothing_twice(double mean_gap, std::size_t requests) {
  Traffic traffic(mean_gap);
  std::vector<SmallRequest> all;
  while (all.size() < requests) all.push_back({traffic.next(), traffic.fresh(30), 200});
  return make_trace(all);
}

Trace conversations(double between_turns, std::size_t requests) {
  Traffic traffic(10);
  std::vector<SmallRequest> all;
  while (all.size() < requests) {
    double at = traffic.next();
    std::vector<std::uint64_t> said;
    do {
      said = joined(said, traffic.fresh(2 + traffic.below(5)));
      all.push_back({at, joined(said, traffic.fresh(1)), 200});
      at += traffic.gap_of_a_turn(between_turns);
    } while (traffic.below(5) != 0);
  }
  return make_trace(all);
}

/// One behind the other in a common head, of so many steps on average; a step in five is thought
/// about for minutes, or all of them take seconds.
Trace agents(std::size_t steps, bool with_pauses, std::size_t requests) {
  Traffic traffic(180);
  std::vector<SmallRequest> all;
  while (all.size() < requests) {
    double at = traffic.next();
    auto said = run_of(1, 25);
    do {
      said = joined(said, traffic.fresh(traffic.below(8)));
      all.push_back({at, joined(said, traffic.fresh(1)), 200});
      const auto most = with_pauses && traffic.below(5) == 0 ? 800 : 40;
      at += 1 + static_cast<double>(traffic.below(most));
    } while (traffic.below(steps) != 0);
  }
  return make_trace(all);
}

struct KbCase {
  double mean_gap = 0;
  std::size_t kbs = 1;
  std::size_t burst = 1;
  double most = 0;  // of the bound
};

class KnowledgeBases : public testing::TestWithParam<KbCase> {};

TEST_P(KnowledgeBases, cost_little_more_than_the_bound) {
  const auto& [gap, kbs, burst, most] = GetParam();
  const auto trace = knowledge_base(gap, 600 * burst, kbs, burst);
  EXPECT_LE(foreword_bill(trace, true), most * bound_of(trace));
}

INSTANTIATE_TEST_SUITE_P(Traffic, KnowledgeBases,
                         testing::Values(KbCase{20, 1, 1, 1.03}, KbCase{120, 1, 1, 1.05},
                                         KbCase{360, 1, 1, 1.05}, KbCase{900, 1, 1, 1.08},
                                         KbCase{3000, 1, 1, 1.15}, KbCase{120, 8, 1, 1.08},
                                         KbCase{900, 1, 12, 1.05}));

TEST(ForewordPolicy, pays_next_to_nothing_where_nothing_comes_again) {
  for (const double gap : {0.1, 1.0, 60.0}) {
    EXPECT_LE(foreword_bill(nothing_twice(gap, 1000), true), 1.01) << gap;
  }
}

// They last for hours: what it pays to find out counts less the longer they do.
TEST(ForewordPolicy, is_hardly_worse_than_the_best_fixed_one_on_conversations) {
  for (const double turn : {30.0, 120.0, 300.0}) {
    const auto trace = conversations(turn, 6000);
    EXPECT_LE(foreword_bill(trace, true), 1.01 * best_fixed_bill(trace)) << turn;
  }
}

TEST(ForewordPolicy, writes_for_long_what_is_used_often_with_a_pause_now_and_then) {
  const auto trace = agents(25, true, 6000);
  EXPECT_LE(foreword_bill(trace, false), 1.02 * best_fixed_bill(trace));
}

TEST(ForewordPolicy, pings_next_to_nothing_of_conversations_that_are_over) {
  const auto trace = agents(40, false, 3000);
  EXPECT_LE(foreword_bill(trace, true), 1.005 * foreword_bill(trace, false));
}

TEST(ForewordPolicy, writes_once_for_a_burst_on_a_cold_cache) {
  const auto trace = knowledge_base(900, 12, 1, 12);
  const auto policy = foreword_policy(trace, kMarked, false);
  const auto& table = config::ModelTable::built_in();
  const auto& model = *table.find(config::Provider::anthropic, "claude-sonnet-5");
  const auto outcome = run(trace, kMarked, {table, model, config::TimePoint()}, *policy, nullptr);
  EXPECT_EQ(outcome.waited, 11u);
  EXPECT_GE(outcome.billed.read, 11 * 280 * kBlockTokens);
}

TEST(ForewordPolicy, keeps_warm_where_uses_are_far_apart) {
  const auto trace = knowledge_base(3000, 300);
  EXPECT_LT(foreword_bill(trace, true), 0.5 * foreword_bill(trace, false));
}

TEST(ForewordPolicy, with_no_money_for_pings_pays_what_it_pays_without_them) {
  const auto trace = knowledge_base(3000, 300);
  const auto& table = config::ModelTable::built_in();
  const auto& model = *table.find(config::Provider::anthropic, "claude-sonnet-5");
  const auto policy = foreword_policy(trace, kMarked, true);
  const auto outcome =
      run(trace, kMarked, {table, model, config::TimePoint(), 0}, *policy, nullptr);
  EXPECT_EQ(outcome.pings, 0u);
  EXPECT_DOUBLE_EQ(outcome.bill(kMarked), foreword_bill(trace, false));
}

TEST(ForewordPolicy, is_the_same_each_time) {
  const auto trace = random_trace(7, 200, 40);
  EXPECT_EQ(foreword_bill(trace, true), foreword_bill(trace, true));
}

}  // namespace
}  // namespace foreword::replay
