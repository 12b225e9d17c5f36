#include "config/cache_terms.h"

#include <gtest/gtest.h>

namespace foreword::config {
namespace {

constexpr TimePoint kNovember = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23};

CacheTerms terms_of(Provider provider, std::string_view name) {
  const auto* model = ModelTable::built_in().find(provider, name);
  EXPECT_NE(model, nullptr) << name;
  return model == nullptr ? CacheTerms{} : cache_terms(*model, kNovember);
}

TEST(CacheTerms, of_anthropic_are_five_minutes_or_an_hour_within_twenty_segments) {
  EXPECT_EQ(terms_of(Provider::anthropic, "claude-sonnet-5"), (CacheTerms{.read = 0.1,
                                                                          .write_short = 1.25,
                                                                          .write_long = 2,
                                                                          .ttl_short_s = 300,
                                                                          .ttl_long_s = 3600,
                                                                          .min_tokens = 1024,
                                                                          .max_marks = 4,
                                                                          .lookback = 20,
                                                                          .marks = true}));
}

TEST(CacheTerms, take_what_a_read_costs_from_the_model) {
  EXPECT_DOUBLE_EQ(terms_of(Provider::anthropic, "claude-fable-5-1").read, 0.025);
}

TEST(CacheTerms, of_newer_openai_models_are_half_an_hour_or_twelve) {
  EXPECT_EQ(terms_of(Provider::openai, "gpt-6.2-sol"), (CacheTerms{.read = 0.05,
                                                                   .write_short = 1.25,
                                                                   .write_long = 2.5,
                                                                   .ttl_short_s = 1800,
                                                                   .ttl_long_s = 43'200,
                                                                   .min_tokens = 1024,
                                                                   .max_marks = 4,
                                                                   .lookback = kUnlimitedLookback,
                                                                   .marks = true}));
}

TEST(CacheTerms, of_older_openai_models_have_no_marks_and_free_writes) {
  EXPECT_EQ(terms_of(Provider::openai, "gpt-5.4"), (CacheTerms{.read = 0.1,
                                                               .write_short = 1,
                                                               .write_long = 0,
                                                               .ttl_short_s = 600,
                                                               .ttl_long_s = 0,
                                                               .min_tokens = 1024,
                                                               .max_marks = 0,
                                                               .lookback = kUnlimitedLookback,
                                                               .marks = false,
                                                               .writes_free = true}));
}

TEST(CacheTerms, of_gemini_are_automatic_too) {
  const auto terms = terms_of(Provider::gemini, "gemini-2.5-flash");
  EXPECT_TRUE(terms.writes_free);
  EXPECT_FALSE(terms.marks);
  EXPECT_EQ(terms.min_tokens, 2048u);
}

TEST(CacheTerms, assume_a_minimum_where_none_is_published) {
  EXPECT_EQ(terms_of(Provider::anthropic, "claude-fable-5-2").min_tokens, 512u);
  EXPECT_EQ(terms_of(Provider::gemini, "gemini-3.5-flash-lite").min_tokens, 4096u);
}

TEST(CacheTerms, follow_the_prices_of_the_day) {
  Model model;
  model.provider = Provider::anthropic;
  PricePeriod before;
  before.rates.per_token.fill(1000);
  before.rates.per_token[static_cast<std::size_t>(TokenClass::cache_read)] = 100;
  auto after = before;
  after.from = kNovember;
  after.rates.per_token[static_cast<std::size_t>(TokenClass::cache_read)] = 50;
  model.prices = {before, after};
  EXPECT_DOUBLE_EQ(cache_terms(model, kNovember - std::chrono::seconds(1)).read, 0.1);
  EXPECT_DOUBLE_EQ(cache_terms(model, kNovember).read, 0.05);
}

TEST(CacheTerms, of_a_free_model_make_nothing_dearer) {
  Model model;
  model.provider = Provider::anthropic;
  model.prices.resize(1);
  const auto terms = cache_terms(model, kNovember);
  EXPECT_EQ(terms.read, 1);
  EXPECT_EQ(terms.write_long, 1);
}

}  // namespace
}  // namespace foreword::config
