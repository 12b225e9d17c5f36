#include "assembler/gate.h"

#include <array>

#include <gtest/gtest.h>

namespace foreword::assembler {
namespace {

using config::Lifetime;
using config::TimePoint;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A prompt of 120,000 tokens in two segments: without a cache its first byte comes after 10.4 s.
class WaitUntil : public testing::Test {
 protected:
  WaitUntil() {
    prefixes_[0].tokens = 108'000;
    prefixes_[1].tokens = 120'000;
    terms_.min_tokens = 1024;
  }
  void writing(std::uint32_t position, milliseconds visible) {
    outlook_.in_writing =
        config::Outlook::Entry{position, Lifetime::brief, kNow + visible, kNow + seconds(300)};
  }
  std::optional<milliseconds> wait(milliseconds most = seconds(30)) {
    const auto until = wait_until(prefixes_, outlook_, terms_, kNow, most);
    if (!until) return std::nullopt;
    return std::chrono::duration_cast<milliseconds>(*until - kNow);
  }

  static constexpr TimePoint kNow{std::chrono::hours(500'000)};
  std::array<config::PromptPrefix, 2> prefixes_;
  config::Outlook outlook_;
  config::CacheTerms terms_;
};

TEST_F(WaitUntil, IsNowWhereNobodyWrites) {
  EXPECT_EQ(wait(), std::nullopt);
}

TEST_F(WaitUntil, IsWhenTheWritersAnswerBegins) {
  writing(1, seconds(5));
  EXPECT_EQ(wait(), seconds(5));
}

TEST_F(WaitUntil, IsNowWhereThePromptsOwnFirstByteWouldComeMuchSooner) {
  writing(1, milliseconds(15'600));
  EXPECT_EQ(wait(), milliseconds(15'600));
  writing(1, milliseconds(15'601));
  EXPECT_EQ(wait(), std::nullopt);
}

TEST_F(WaitUntil, CountsWhatIsWarmAlreadyToTheOwnFirstByte) {
  outlook_.warm = config::Outlook::Entry{1, Lifetime::brief, kNow, kNow + seconds(300)};
  writing(2, milliseconds(2100));  // half as long again as 0.4 s and 12,000 tokens
  EXPECT_EQ(wait(), milliseconds(2100));
  writing(2, milliseconds(2101));
  EXPECT_EQ(wait(), std::nullopt);
}

TEST_F(WaitUntil, IsNowBeyondTheMostThatItMayTake) {
  writing(1, seconds(5));
  EXPECT_EQ(wait(seconds(5)), seconds(5));
  EXPECT_EQ(wait(milliseconds(4999)), std::nullopt);
}

TEST_F(WaitUntil, IsNowWhereWhatIsWrittenIsTooShortToBeRead) {
  writing(1, seconds(5));
  terms_.min_tokens = 108'001;
  EXPECT_EQ(wait(), std::nullopt);
}

TEST_F(WaitUntil, IsNowWhereTheEntryExpiresBeforeItCanBeRead) {
  writing(1, seconds(5));
  outlook_.in_writing->expires = kNow + seconds(5);
  EXPECT_EQ(wait(), std::nullopt);
}

TEST(LongestWait, IsTwiceTheTimeToThePromptsOwnFirstByte) {
  EXPECT_EQ(longest_wait(12'000, seconds(30)), milliseconds(2800));
}

TEST(LongestWait, IsNoLongerThanTheSettingsAllow) {
  EXPECT_EQ(longest_wait(1'000'000, seconds(30)), seconds(30));
}

}  // namespace
}  // namespace foreword::assembler
