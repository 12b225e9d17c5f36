#include "tools/bench/budgets.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tools/bench/candidates.h"
#include "tools/bench/names.h"

namespace foreword::bench {
namespace {

constexpr Series kOurs{"cpu_us", "foreword", "1 KB"};
constexpr Series kTheirs{"cpu_us", "nginx-streaming", "1 KB"};

Budget ratio_budget() {
  return {"CPU against nginx", "x", kOurs, kTheirs, Bound::at_most, 0.9, 0.75};
}

TEST(Budgets, WhatIsAtTheBudgetIsKept) {
  Results results;
  results.add(kOurs, 9);
  results.add(kTheirs, 10);
  EXPECT_EQ(judge(ratio_budget(), results).verdict, Verdict::kept);
  EXPECT_DOUBLE_EQ(judge(ratio_budget(), results).value, 0.9);
}

TEST(Budgets, WhatIsOverTheBudgetIsMissed) {
  Results results;
  results.add(kOurs, 9.1);
  results.add(kTheirs, 10);
  EXPECT_EQ(judge(ratio_budget(), results).verdict, Verdict::missed);
}

TEST(Budgets, WhatReachesTheStretchSaysSo) {
  Results results;
  results.add(kOurs, 7.5);
  results.add(kTheirs, 10);
  EXPECT_EQ(judge(ratio_budget(), results).verdict, Verdict::stretch);
}

TEST(Budgets, RatiosAreTakenWithinEachRepeat) {
  Results results;
  for (const double noise : {1.0, 3.0, 1.0}) {
    results.add(kOurs, 8 * noise);
    results.add(kTheirs, 10 * noise);
  }
  results.add(kOurs, 80);  // one repeat hit ours alone
  results.add(kTheirs, 10);
  EXPECT_DOUBLE_EQ(judge(ratio_budget(), results).value, 0.8);
}

TEST(Budgets, WithoutTheOtherSideThereIsNoVerdict) {
  Results results;
  results.add(kOurs, 1);
  EXPECT_EQ(judge(ratio_budget(), results).verdict, Verdict::not_measured);
  EXPECT_EQ(judge(ratio_budget(), Results()).verdict, Verdict::not_measured);
}

TEST(Budgets, AnAbsoluteFigureIsJudgedAsItIs) {
  const Budget budget{"memory", "kB", kOurs, std::nullopt, Bound::at_most, 4, 3};
  Results results;
  results.add(kOurs, 3.5);
  EXPECT_EQ(judge(budget, results).verdict, Verdict::kept);
}

TEST(Budgets, ALowerBoundWantsMore) {
  const Budget budget{"theirs over ours", "x", kTheirs, kOurs, Bound::at_least, 50, 80};
  Results results;
  results.add(kOurs, 1);
  results.add(kTheirs, 49);
  EXPECT_EQ(judge(budget, results).verdict, Verdict::missed);
  results = Results();
  results.add(kOurs, 1);
  results.add(kTheirs, 81);
  EXPECT_EQ(judge(budget, results).verdict, Verdict::stretch);
}

TEST(Budgets, EveryStretchIsHarderThanItsBudget) {
  for (const auto& budget : budgets()) {
    const bool harder = budget.bound == Bound::at_most ? budget.stretch <= budget.budget
                                                       : budget.stretch >= budget.budget;
    EXPECT_TRUE(harder) << budget.figure << " " << budget.ours.point;
  }
}

TEST(Budgets, NoSeriesIsJudgedTwiceAgainstTheSame) {
  std::set<std::string> seen;
  for (const auto& budget : budgets()) {
    std::string key = std::string(budget.ours.measure) + "/" + std::string(budget.ours.candidate) +
                      "/" + std::string(budget.ours.point);
    if (budget.theirs) key += "/" + std::string(budget.theirs->candidate);
    EXPECT_TRUE(seen.insert(key).second) << key;
  }
}

}  // namespace
}  // namespace foreword::bench
