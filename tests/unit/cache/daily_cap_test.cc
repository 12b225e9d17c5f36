#include "cache/daily_cap.h"

#include <gtest/gtest.h>

namespace foreword::cache {
namespace {

using std::chrono::hours;

constexpr config::TimePoint kNoon{hours(500'000 / 24 * 24 + 12)};

TEST(DailyCapTest, AllowsAllOfItAndNoMore) {
  DailyCap cap(100);
  cap.spend(60, kNoon);
  EXPECT_TRUE(cap.allows(40, kNoon));
  EXPECT_FALSE(cap.allows(41, kNoon));
}

TEST(DailyCapTest, BeginsAnewEachDay) {
  DailyCap cap(100);
  cap.spend(100, kNoon);
  EXPECT_FALSE(cap.allows(1, kNoon + hours(11)));
  EXPECT_TRUE(cap.allows(100, kNoon + hours(12)));
}

TEST(DailyCapTest, KnowsWhatNoDayIsEnoughFor) {
  DailyCap cap(100);
  cap.spend(100, kNoon);
  EXPECT_TRUE(cap.ever_allows(100));
  EXPECT_FALSE(cap.ever_allows(101));
}

TEST(DailyCapTest, GivesBackWhatWasNotSpentAfterAll) {
  DailyCap cap(100);
  cap.spend(90, kNoon);
  cap.correct(90, 10, kNoon);
  EXPECT_TRUE(cap.allows(90, kNoon));
  EXPECT_FALSE(cap.allows(91, kNoon));
}

TEST(DailyCapTest, GivesNothingBackToTheNextDay) {
  DailyCap cap(100);
  cap.spend(90, kNoon);
  cap.spend(50, kNoon + hours(24));
  cap.correct(90, 10, kNoon);
  EXPECT_FALSE(cap.allows(51, kNoon + hours(24)));
}

TEST(DailyCapTest, DoesNotBeginAnewWhereTheClockIsSetBack) {
  DailyCap cap(100);
  cap.spend(100, kNoon);
  EXPECT_FALSE(cap.allows(1, kNoon - hours(24)));
}

TEST(DailyCapTest, IsNotStuckInAFutureThatNeverWas) {
  DailyCap cap(100);
  cap.spend(100, kNoon + hours(24'000));
  EXPECT_TRUE(cap.allows(100, kNoon));
}

}  // namespace
}  // namespace foreword::cache
