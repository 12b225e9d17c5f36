#include "cache/warm_keeper.h"

#include <gtest/gtest.h>

namespace foreword::cache {
namespace {

using config::TimePoint;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr TimePoint kStart{std::chrono::hours(500'000)};
constexpr KeepWarmPrices kHour{0.1, 2.0};

class WarmKeeperTest : public testing::Test {
 protected:
  void use(std::uint32_t position, TimePoint now) {
    keeper_.used(prompt_, position, now + minutes(60), kHour);
  }
  /// Pings as they come due, each for an hour, up to `end`; how many were sent.
  int ping_until(TimePoint end) {
    int pings = 0;
    while (keeper_.next() && *keeper_.next() <= end) {
      const auto now = *keeper_.next();
      for (const auto& prefix : keeper_.due(now)) {
        ++pings;
        keeper_.pinged(prefix, now + minutes(60));
      }
    }
    return pings;
  }

  const std::vector<config::PromptPrefix> prompt_{{{1, 1}, 1000}, {{1, 2}, 2000}};
  WarmKeeper keeper_{seconds(1)};
};

TEST_F(WarmKeeperTest, PingsJustBeforeTheEntryExpires) {
  use(2, kStart);
  EXPECT_EQ(keeper_.next(), kStart + minutes(60) - seconds(1));
  EXPECT_TRUE(keeper_.due(kStart + minutes(59)).empty());
  EXPECT_EQ(keeper_.due(kStart + minutes(60)), std::vector{prompt_[1].hash});
}

TEST_F(WarmKeeperTest, HandsOutEachDueEntryOnce) {
  use(2, kStart);
  EXPECT_EQ(keeper_.due(kStart + minutes(60)).size(), 1u);
  EXPECT_TRUE(keeper_.due(kStart + minutes(60)).empty());
}

TEST_F(WarmKeeperTest, WaitsAnewAfterEachUse) {
  use(2, kStart);
  use(2, kStart + minutes(30));
  EXPECT_EQ(keeper_.next(), kStart + minutes(90) - seconds(1));
}

TEST_F(WarmKeeperTest, NeverPaysMoreThanTheWriteThatItWouldSave) {
  use(2, kStart);
  const int pings = ping_until(kStart + std::chrono::hours(1000));
  EXPECT_GE(pings, 1);
  EXPECT_LE(pings * kHour.read, kHour.write);
}

TEST_F(WarmKeeperTest, GivesUpSoonerTheMoreOftenItWasInVain) {
  use(2, kStart);
  const int first = ping_until(kStart + std::chrono::hours(1000));
  use(2, kStart + std::chrono::hours(1000));
  EXPECT_LT(ping_until(kStart + std::chrono::hours(2000)), first);
}

TEST_F(WarmKeeperTest, GoesOnWhereItPays) {
  int pings = 0;
  for (int use_number = 0; use_number < 50; ++use_number) {
    const auto now = kStart + minutes(150 * use_number);
    use(2, now);
    pings += ping_until(now + minutes(149));
  }
  EXPECT_EQ(pings, 100);
}

TEST_F(WarmKeeperTest, KeepsOnlyTheLongestThatWasUsed) {
  use(1, kStart);
  use(2, kStart + minutes(1));
  EXPECT_EQ(keeper_.due(kStart + minutes(61)), std::vector{prompt_[1].hash});
}

TEST_F(WarmKeeperTest, LetsGoOfWhatItIsToldTo) {
  use(2, kStart);
  keeper_.let_go(prompt_[1].hash);
  EXPECT_EQ(keeper_.next(), std::nullopt);
}

TEST_F(WarmKeeperTest, LeavesAloneWhatIsCheapToWriteAgain) {
  keeper_.used(prompt_, 2, kStart + minutes(5), {0.5, 1.0});
  EXPECT_TRUE(keeper_.due(kStart + minutes(5)).empty());
}

}  // namespace
}  // namespace foreword::cache
