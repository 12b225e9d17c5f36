#include "tools/bench/statistics.h"

#include <gtest/gtest.h>

namespace foreword::bench {
namespace {

TEST(Statistics, MedianIsTheMiddleOne) {
  EXPECT_EQ(median(std::vector{9.0, 1.0, 5.0}), 5.0);
  EXPECT_EQ(median(std::vector{7.0}), 7.0);
}

TEST(Statistics, MedianOfAnEvenNumberIsBetweenTheTwoInTheMiddle) {
  EXPECT_EQ(median(std::vector{10.0, 1.0, 2.0, 4.0}), 3.0);
}

TEST(Statistics, OneNoisyRepeatDoesNotMoveTheMedian) {
  EXPECT_EQ(median(std::vector{10.0, 11.0, 12.0, 11.0, 900.0}), 11.0);
}

TEST(Statistics, LeastIsTheSmallest) {
  EXPECT_EQ(least(std::vector{3.0, 1.0, 2.0}), 1.0);
}

TEST(Statistics, PercentileTakesTheNearestRank) {
  std::vector<double> values;
  for (int i = 100; i >= 1; --i) values.push_back(i);
  EXPECT_EQ(percentile(values, 50), 50.0);
  EXPECT_EQ(percentile(values, 99), 99.0);
  EXPECT_EQ(percentile(values, 100), 100.0);
  EXPECT_EQ(percentile({42.0}, 1), 42.0);
}

TEST(Statistics, RatiosPairTheRepeatsBeforeAnyMedianIsTaken) {
  // The second repeat was twice as noisy for both: its ratio is that of the others.
  const auto found = ratios(std::vector{5.0, 10.0, 6.0}, std::vector{10.0, 20.0, 12.0});
  EXPECT_EQ(found, (std::vector{0.5, 0.5, 0.5}));
}

TEST(Statistics, RepeatsThatOnlyOneHasAreLeftOut) {
  EXPECT_EQ(ratios(std::vector{1.0, 2.0}, std::vector{2.0}), std::vector{0.5});
  EXPECT_TRUE(ratios(std::vector{1.0}, std::vector<double>()).empty());
}

TEST(Statistics, ARepeatWithoutAPositiveDivisorSaysNothing) {
  EXPECT_EQ(ratios(std::vector{1.0, 1.0, 1.0}, std::vector{0.0, -2.0, 4.0}), std::vector{0.25});
}

}  // namespace
}  // namespace foreword::bench
