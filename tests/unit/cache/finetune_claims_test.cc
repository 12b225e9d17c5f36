#include "cache/finetune_claims.h"

#include <gtest/gtest.h>

#include "config/price_text.h"

namespace foreword::cache {
namespace {

FinetuneClaims claims() {
  return finetune_claims(config::ModelTable::built_in(), config::parse_date("2026-11-26").value())
      .value();
}

TEST(KbClaims, of_the_older_sonnet_double_with_a_question_behind) {
  const auto claim = claims().kb.at(0);
  EXPECT_EQ(claim.model, "claude-sonnet-4-5");
  EXPECT_EQ(config::to_usd(claim.warm), "0.06");  // 200,000 at 0.30 a million
  EXPECT_EQ(config::to_usd(claim.cold), "0.75");  // at 3.75
  ASSERT_TRUE(claim.warm_long_context);
  EXPECT_EQ(config::to_usd(*claim.warm_long_context), "0.12");  // at 0.60
}

TEST(KbClaims, of_the_newer_sonnet_count_more_tokens_of_the_same_text) {
  const auto claim = claims().kb.at(1);
  EXPECT_EQ(claim.model, "claude-sonnet-5-5");
  EXPECT_EQ(config::to_usd(claim.warm), "0.02");  // 200,000 at 0.10 a million
  EXPECT_FALSE(claim.warm_long_context);
  // 200,000 x 3.6 / 2.75 bytes a token.
  EXPECT_EQ(claim.same_text_tokens, 261'818u);
  EXPECT_EQ(config::to_usd(claim.same_text_warm), "0.0261818");
}

TEST(BreakEvenClaims, are_the_rent_by_an_output_token_and_its_prompt) {
  const auto mixes = claims().break_even;
  ASSERT_EQ(mixes.size(), 5u);
  // gpt-5-mini: 0.25 in, 0.025 cached, 2 out a million.
  EXPECT_EQ(mixes[0].at_400, 200'000'000u);  // 400 / 2
  EXPECT_EQ(mixes[1].at_400, 88'888'889u);   // 400 / (2 + 10 x 0.25)
  EXPECT_EQ(mixes[1].at_800, 177'777'778u);
  EXPECT_EQ(mixes[2].at_400, 14'814'815u);  // 400 / (2 + 100 x 0.25)
  EXPECT_EQ(mixes[2].at_800, 29'629'630u);
  EXPECT_EQ(mixes[3].at_400, 32'653'062u);  // 400 / (2 + 1 x 0.25 + 400 x 0.025)
  EXPECT_EQ(mixes[3].at_800, 65'306'123u);
  EXPECT_EQ(mixes[4].at_400, 3'911'981u);  // 400 / (2 + 401 x 0.25)
}

TEST(BreakEvenClaims, imply_a_price) {
  // 400 and 800 dollars by 40 million.
  EXPECT_EQ(claims().implied_at_400, 10'000'000);
  EXPECT_EQ(claims().implied_at_800, 20'000'000);
}

TEST(FinetuneClaims, name_the_model_that_is_missing) {
  const auto table = config::ModelTable::parse(
      R"({"version":"2026-01-01","sources":{},"modifiers":{},"models":[]})");
  const auto result = finetune_claims(table.value(), {});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("claude-sonnet-4-5"), std::string::npos);
}

}  // namespace
}  // namespace foreword::cache
