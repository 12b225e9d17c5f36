#include "cache/warm_keeper.h"

#include <gtest/gtest.h>

namespace foreword::cache {
namespace {

using config::TimePoint;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr TimePoint kStart{std::chrono::hours(500'000)};
constexpr KeepWarmTerms kHour{0.1, 2.0, 0, minutes(60)};
constexpr KeepWarmTerms kBrief{0.1, 1.25, 0.75, minutes(5)};

class WarmKeeperTest : public testing::Test {
 protected:
  void use(std::uint32_t position, TimePoint now, const KeepWarmTerms& terms = kHour) {
    lives_ = terms.lives;
    keeper_.used(prompt_, position, now + terms.lives, terms);
  }
  /// Pings as they come due, up to `end`; how many were sent.
  int ping_until(TimePoint end) {
    int pings = 0;
    while (keeper_.next() && *keeper_.next() <= end) {
      const auto now = *keeper_.next();
      for (auto prefix = keeper_.take_due(now); prefix; prefix = keeper_.take_due(now)) {
        ++pings;
        keeper_.pinged(*prefix, now + lives_);
      }
    }
    return pings;
  }

  /// Uses that are so far apart, and pings up to each of them; how many were sent.
  int ping_between_uses(minutes gap, int uses, const KeepWarmTerms& terms) {
    int pings = 0;
    for (int i = 0; i < uses; ++i) {
      use(2, kStart + i * gap, terms);
      pings += ping_until(kStart + (i + 1) * gap - seconds(30));
    }
    return pings;
  }

  std::chrono::seconds lives_{};
  const std::vector<config::PromptPrefix> prompt_{{{1, 1}, 1000}, {{1, 2}, 2000}};
  WarmKeeper keeper_{seconds(1)};
};

TEST_F(WarmKeeperTest, PingsJustBeforeTheEntryExpires) {
  use(2, kStart);
  EXPECT_EQ(keeper_.next(), kStart + minutes(60) - seconds(1));
  EXPECT_FALSE(keeper_.take_due(kStart + minutes(59)));
  EXPECT_EQ(keeper_.take_due(kStart + minutes(60) - seconds(1)), prompt_[1].hash);
}

TEST_F(WarmKeeperTest, HandsOutEachDueEntryOnce) {
  use(2, kStart);
  EXPECT_TRUE(keeper_.take_due(kStart + minutes(60) - seconds(1)));
  EXPECT_FALSE(keeper_.take_due(kStart + minutes(60) - seconds(1)));
}

TEST_F(WarmKeeperTest, LeavesAloneWhatHasExpired) {
  use(2, kStart);
  EXPECT_FALSE(keeper_.take_due(kStart + minutes(60)));
}

TEST_F(WarmKeeperTest, KnowsAUseThatCameWhileAPingWasUnderWay) {
  use(2, kStart);
  const auto pinged = kStart + minutes(60) - seconds(1);
  ASSERT_TRUE(keeper_.take_due(pinged));
  use(2, pinged + seconds(1));
  keeper_.pinged(prompt_[1].hash, pinged + lives_);
  EXPECT_EQ(keeper_.next(), pinged + lives_);  // a second before the use's own end
}

TEST_F(WarmKeeperTest, KnowsNothingOfWhatItIsToForget) {
  use(2, kStart);
  keeper_.forget(prompt_[1].hash);
  EXPECT_EQ(keeper_.next(), std::nullopt);
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

TEST_F(WarmKeeperTest, GivesUpWhatWasInVainSomeTimes) {
  EXPECT_LE(ping_between_uses(std::chrono::hours(1000), 20, kHour), 5);
}

TEST_F(WarmKeeperTest, GoesOnWhereItPays) {
  EXPECT_GE(ping_between_uses(minutes(150), 50, kHour), 98);
}

TEST_F(WarmKeeperTest, TriesOnceWithoutEvidence) {
  use(2, kStart, kBrief);
  EXPECT_EQ(ping_until(kStart + minutes(30)), 1);
}

TEST_F(WarmKeeperTest, LearnsThatPingsWouldHavePaidWithoutSendingThem) {
  use(2, kStart);
  EXPECT_EQ(ping_until(kStart + minutes(149)), 1);
  use(2, kStart + minutes(150));
  EXPECT_EQ(ping_until(kStart + minutes(299)), 2);
}

TEST_F(WarmKeeperTest, LearnsFromOtherPrefixesToo) {
  int pings = 0;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const std::vector<config::PromptPrefix> once{{{2, i}, 1000}};
    const auto now = kStart + std::chrono::hours(i);
    lives_ = kBrief.lives;
    keeper_.used(once, 1, now + lives_, kBrief);
    pings += ping_until(now + minutes(30));
  }
  EXPECT_LE(pings, 5);
}

TEST_F(WarmKeeperTest, LetsABriefEntryGoThatALongerOneWouldHaveBeenCheaperFor) {
  int pings = 0;
  for (int i = 0; i < 40 && (i < 5 || pings > 0); ++i) {
    use(2, kStart + i * minutes(7), kBrief);
    const int sent = ping_until(kStart + (i + 1) * minutes(7) - seconds(30));
    if (pings > 0 && sent == 0) break;
    pings += sent;
  }
  EXPECT_EQ(pings, 8);  // 0.75 / 0.1, and what is more than a whole ping
}

TEST_F(WarmKeeperTest, DoesNotPayForWhatAnotherEntryHolds) {
  const std::vector<config::PromptPrefix> prompt{{{3, 1}, 1900}, {{3, 2}, 2000}};
  const auto inner = std::span(prompt).first(1);
  keeper_.used(inner, 1, kStart + minutes(59), kHour);
  keeper_.used(prompt, 2, kStart + minutes(60), kHour);
  keeper_.used(inner, 1, kStart + minutes(90), kHour);
  EXPECT_FALSE(keeper_.take_due(kStart + minutes(60) - seconds(1)));
}

TEST_F(WarmKeeperTest, KeepsOnlyTheLongestThatWasUsed) {
  use(1, kStart);
  use(2, kStart + minutes(1));
  EXPECT_EQ(keeper_.take_due(kStart + minutes(61) - seconds(1)), prompt_[1].hash);
}

TEST_F(WarmKeeperTest, LetsGoOfWhatItIsToldTo) {
  use(2, kStart);
  keeper_.let_go(prompt_[1].hash);
  EXPECT_EQ(keeper_.next(), std::nullopt);
}

TEST_F(WarmKeeperTest, LeavesAloneWhatIsCheapToWriteAgain) {
  keeper_.used(prompt_, 2, kStart + minutes(5), {0.5, 1.0, 0, minutes(5)});
  EXPECT_FALSE(keeper_.take_due(kStart + minutes(5) - seconds(1)));
}

}  // namespace
}  // namespace foreword::cache
