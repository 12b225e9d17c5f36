// What answers teach of a provider's cache.
#include "proxy/cache_evidence.h"

#include <gtest/gtest.h>

#include "config/limits.h"

namespace foreword::proxy {
namespace {

using config::TokenClass;
using config::TokenCounts;

constexpr config::TimePoint kNow{std::chrono::hours(500'000)};

class CacheEvidenceTest : public testing::Test {
 protected:
  CacheEvidenceTest() {
    terms_.min_tokens = 1024;
    terms_.write_long = 2;
  }
  static TokenCounts counts(TokenClass kind, std::uint64_t tokens) {
    TokenCounts result;
    result[TokenClass::input] = 10;
    result[kind] = tokens;
    return result;
  }
  /// As often as it takes to believe it.
  void not_cached(std::uint32_t marked) {
    for (int i = 0; i < 3; ++i) answered(marked, counts(TokenClass::input, marked));
  }
  bool answered(std::uint32_t marked, const TokenCounts& tokens, bool only_extended = false,
                std::string_view model = "m") {
    return evidence_.answered("u", model, {marked, only_extended}, tokens, kNow);
  }
  [[nodiscard]] config::CacheTerms terms(config::TimePoint now = kNow,
                                         std::string_view model = "m") const {
    return evidence_.adjust("u", model, terms_, now);
  }

  config::CacheTerms terms_;
  CacheEvidence evidence_;
};

TEST_F(CacheEvidenceTest, LeavesTheTermsAloneWhereNothingIsKnown) {
  EXPECT_EQ(terms(), terms_);
}

TEST_F(CacheEvidenceTest, RaisesTheMinimumToWhatWasMarkedAndNotCached) {
  not_cached(3000);
  EXPECT_EQ(terms().min_tokens, 3001u);
  not_cached(2000);
  EXPECT_EQ(terms().min_tokens, 3001u);
}

TEST_F(CacheEvidenceTest, BelievesNoSingleAnswerThatNothingWasCached) {
  answered(150'000, counts(TokenClass::input, 150'000));
  answered(150'000, counts(TokenClass::input, 150'000));
  EXPECT_EQ(terms(), terms_);
}

TEST_F(CacheEvidenceTest, TakesItBackWhenLessIsCached) {
  not_cached(3000);
  answered(2800, counts(TokenClass::cache_write_5m, 2800));
  EXPECT_EQ(terms().min_tokens, 1024u);
}

TEST_F(CacheEvidenceTest, IsAboutOneModel) {
  not_cached(3000);
  EXPECT_EQ(terms().min_tokens, 3001u);
  EXPECT_EQ(terms(kNow, "other").min_tokens, 1024u);
}

TEST_F(CacheEvidenceTest, LearnsNothingFromAPromptWithoutABreakpoint) {
  answered(0, counts(TokenClass::input, 3000));
  EXPECT_TRUE(evidence_.all().empty());
}

TEST_F(CacheEvidenceTest, IsForgottenAfterAWhileWithoutAnAnswer) {
  not_cached(3000);
  EXPECT_EQ(terms(kNow + config::limits::kRefusalTime + std::chrono::seconds(1)), terms_);
}

TEST_F(CacheEvidenceTest, NoticesThatTheLongerTimeIsNeverGiven) {
  EXPECT_FALSE(answered(3000, counts(TokenClass::cache_write_5m, 3000), true));
  EXPECT_FALSE(answered(3000, counts(TokenClass::cache_write_5m, 3000), true));
  EXPECT_EQ(terms().write_long, 2);
  EXPECT_TRUE(answered(3000, counts(TokenClass::cache_write_5m, 3000), true));
  EXPECT_EQ(terms().write_long, 0);
}

TEST_F(CacheEvidenceTest, BelievesOneAnswerThatItIs) {
  answered(3000, counts(TokenClass::cache_write_1h, 3000), true);
  for (int i = 0; i < 5; ++i) answered(3000, counts(TokenClass::cache_write_5m, 3000), true);
  EXPECT_EQ(terms().write_long, 2);
}

TEST_F(CacheEvidenceTest, JudgesByWritesOnly) {
  for (int i = 0; i < 5; ++i) answered(3000, counts(TokenClass::cache_read, 3000), true);
  EXPECT_EQ(terms().write_long, 2);
}

TEST_F(CacheEvidenceTest, IsBounded) {
  for (std::size_t i = 0; i <= config::limits::kMaxRefusals; ++i) {
    answered(3000, counts(TokenClass::input, 3000), false, "model-" + std::to_string(i));
  }
  EXPECT_EQ(evidence_.all().size(), config::limits::kMaxRefusals);
}

}  // namespace
}  // namespace foreword::proxy
