// The bill, against sums made by hand. USD per million tokens is, times a million, picodollars per
// token: $2 per Mtok is 2,000,000 picodollars.
#include <limits>

#include <gtest/gtest.h>

#include "config/models.h"

namespace foreword::config {
namespace {

constexpr TimePoint kNovember = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);

class Bill : public testing::Test {
 protected:
  void of(Provider provider, std::string_view model) {
    model_ = ModelTable::built_in().find(provider, model);
    ASSERT_NE(model_, nullptr);
  }
  void tokens(TokenClass token_class, std::uint64_t count) { counts_[token_class] = count; }
  Cost cost() { return ModelTable::built_in().cost(*model_, counts_, terms_, at_); }

  const Model* model_ = nullptr;
  TokenCounts counts_;
  ServiceTerms terms_;
  TimePoint at_ = kNovember;
};

// claude-sonnet-5-5: input 2, read 0.1, 5m write 2.5, 1h write 4, output 10.
//   10 x 2,000,000 + 1,000 x 100,000 + 100 x 2,500,000 + 50 x 4,000,000 + 20 x 10,000,000
//   = 20,000,000 + 100,000,000 + 250,000,000 + 200,000,000 + 200,000,000 = 770,000,000
// Uncached: (10 + 1,000 + 100 + 50) x 2,000,000 + 200,000,000 = 2,520,000,000
TEST_F(Bill, of_claude_prices_each_write_by_its_ttl) {
  of(Provider::anthropic, "claude-sonnet-5-5");
  tokens(TokenClass::input, 10);
  tokens(TokenClass::cache_read, 1000);
  tokens(TokenClass::cache_write_5m, 100);
  tokens(TokenClass::cache_write_1h, 50);
  tokens(TokenClass::output, 20);
  EXPECT_EQ(cost().actual, 770'000'000);
  EXPECT_EQ(cost().uncached, 2'520'000'000);
}

// gpt-6.2-sol: input 2, read 0.1, 30m write 2.5, 12h write 5, output 10.
//   7 x 2,000,000 + 2,000 x 100,000 + 300 x 2,500,000 + 40 x 5,000,000 + 11 x 10,000,000
//   = 14,000,000 + 200,000,000 + 750,000,000 + 200,000,000 + 110,000,000 = 1,274,000,000
// Uncached: 2,347 x 2,000,000 + 110,000,000 = 4,804,000,000
TEST_F(Bill, of_openai_from_5_6_on_charges_for_writes) {
  of(Provider::openai, "gpt-6.2-sol");
  tokens(TokenClass::input, 7);
  tokens(TokenClass::cache_read, 2000);
  tokens(TokenClass::cache_write_30m, 300);
  tokens(TokenClass::cache_write_12h, 40);
  tokens(TokenClass::output, 11);
  EXPECT_EQ(cost().actual, 1'274'000'000);
  EXPECT_EQ(cost().uncached, 4'804'000'000);
}

// gpt-5-nano: input 0.05, read 0.005, output 0.4.
//   100 x 50,000 + 1,024 x 5,000 + 3 x 400,000 = 5,000,000 + 5,120,000 + 1,200,000 = 11,320,000
// Uncached: 1,124 x 50,000 + 1,200,000 = 57,400,000
TEST_F(Bill, of_openai_before_5_6_has_free_writes) {
  of(Provider::openai, "gpt-5-nano");
  tokens(TokenClass::input, 100);
  tokens(TokenClass::cache_read, 1024);
  tokens(TokenClass::output, 3);
  EXPECT_EQ(cost().actual, 11'320'000);
  EXPECT_EQ(cost().uncached, 57'400'000);
}

// gemini-2.5-flash: input 0.3, read 0.03, output 2.5.
//   500 x 300,000 + 4,000 x 30,000 + 60 x 2,500,000 = 150,000,000 + 120,000,000 + 150,000,000
//   = 420,000,000. Uncached: 4,500 x 300,000 + 150,000,000 = 1,500,000,000
TEST_F(Bill, of_gemini_has_reads_and_no_writes) {
  of(Provider::gemini, "gemini-2.5-flash");
  tokens(TokenClass::input, 500);
  tokens(TokenClass::cache_read, 4000);
  tokens(TokenClass::output, 60);
  EXPECT_EQ(cost().actual, 420'000'000);
  EXPECT_EQ(cost().uncached, 1'500'000'000);
}

// gpt-5-nano charges no write apart: 10 x 50,000 = 500,000.
TEST_F(Bill, of_a_class_without_a_price_is_at_the_input_price) {
  of(Provider::openai, "gpt-5-nano");
  tokens(TokenClass::cache_write_30m, 10);
  EXPECT_EQ(cost().actual, 500'000);
}

// claude-haiku-5-5, short: 100,000 x 10,000 (read 0.01) + 1 x 500,000 = 1,000,500,000.
TEST_F(Bill, at_the_long_context_threshold_is_still_short) {
  of(Provider::anthropic, "claude-haiku-5-5");
  tokens(TokenClass::cache_read, 100'000);
  tokens(TokenClass::output, 1);
  EXPECT_EQ(cost().actual, 1'000'500'000);
}

// claude-haiku-5-5, long: input 0.5, read 0.05, 5m write 0.625, output 2.5.
//   1 x 500,000 + 99,000 x 50,000 + 1,000 x 625,000 + 1 x 2,500,000
//   = 500,000 + 4,950,000,000 + 625,000,000 + 2,500,000 = 5,578,000,000
// Uncached, long too: 100,001 x 500,000 + 2,500,000 = 50,003,000,000
TEST_F(Bill, one_token_above_the_threshold_prices_every_token_at_the_long_rates) {
  of(Provider::anthropic, "claude-haiku-5-5");
  tokens(TokenClass::input, 1);
  tokens(TokenClass::cache_read, 99'000);
  tokens(TokenClass::cache_write_5m, 1'000);
  tokens(TokenClass::output, 1);
  EXPECT_EQ(cost().actual, 5'578'000'000);
  EXPECT_EQ(cost().uncached, 50'003'000'000);
}

// gpt-6.1-terra, long: the 12h write is not published and scales, 2.5 x 2 / 1 = 5.
//   272,000 x 100,000 (read 0.1) + 1 x 5,000,000 = 27,205,000,000
TEST_F(Bill, of_a_long_prompt_scales_a_write_price_that_is_not_published) {
  of(Provider::openai, "gpt-6.1-terra");
  tokens(TokenClass::cache_read, 272'000);
  tokens(TokenClass::cache_write_12h, 1);
  EXPECT_EQ(cost().actual, 27'205'000'000);
}

// Output does not count towards the threshold: 100,001 x 500,000 = 50,000,500,000.
TEST_F(Bill, of_a_long_answer_is_not_a_long_prompt) {
  of(Provider::anthropic, "claude-haiku-5-5");
  tokens(TokenClass::output, 100'001);
  EXPECT_EQ(cost().actual, 50'000'500'000);
}

// gemini-4-argon: input 2 until the last moment of November, 4 from December on.
TEST_F(Bill, changes_at_midnight_utc_of_a_scheduled_price) {
  of(Provider::gemini, "gemini-4-argon");
  tokens(TokenClass::input, 1);
  at_ = std::chrono::sys_days(std::chrono::year(2026) / 12 / 1) - std::chrono::seconds(1);
  EXPECT_EQ(cost().actual, 2'000'000);
  at_ += std::chrono::seconds(1);
  EXPECT_EQ(cost().actual, 4'000'000);
}

// gemini-3.8-flash: output 3.75, doubled from 2027 on.
TEST_F(Bill, changes_for_output_as_well) {
  of(Provider::gemini, "gemini-3.8-flash");
  tokens(TokenClass::output, 2);
  EXPECT_EQ(cost().actual, 7'500'000);
  at_ = std::chrono::sys_days(std::chrono::year(2027) / 1 / 1);
  EXPECT_EQ(cost().actual, 15'000'000);
}

TEST_F(Bill, from_before_the_first_period_is_at_its_prices) {
  of(Provider::gemini, "gemini-4-argon");
  tokens(TokenClass::input, 1);
  at_ = TimePoint::min();
  EXPECT_EQ(cost().actual, 2'000'000);
}

// claude-opus-5-5: input 4, output 20. Fast: (1 x 4,000,000 + 1 x 20,000,000) x 2 = 48,000,000.
TEST_F(Bill, of_fast_claude_is_double) {
  of(Provider::anthropic, "claude-opus-5-5");
  tokens(TokenClass::input, 1);
  tokens(TokenClass::output, 1);
  terms_.speed = "fast";
  EXPECT_EQ(cost().actual, 48'000'000);
}

// In the United States 1.1 x: 24,000,000 x 1.1 = 26,400,000; batch on top halves it: 13,200,000.
TEST_F(Bill, modifiers_multiply_each_other) {
  of(Provider::anthropic, "claude-opus-5-5");
  tokens(TokenClass::input, 1);
  tokens(TokenClass::output, 1);
  terms_.inference_geo = "us";
  EXPECT_EQ(cost().actual, 26'400'000);
  terms_.service_tier = "batch";
  EXPECT_EQ(cost().actual, 13'200'000);
}

// claude-opus-4-6: input 5. Fast was 6x then: 5,000,000 x 6 = 30,000,000.
TEST_F(Bill, of_fast_opus_4_6_is_six_times_the_price) {
  of(Provider::anthropic, "claude-opus-4-6");
  tokens(TokenClass::input, 1);
  terms_.speed = "fast";
  EXPECT_EQ(cost().actual, 30'000'000);
}

// Before 4.6 there was no such choice: 3,000,000 stays.
TEST_F(Bill, of_sonnet_4_5_has_no_surcharge_for_a_region) {
  of(Provider::anthropic, "claude-sonnet-4-5");
  tokens(TokenClass::input, 1);
  terms_.inference_geo = "us";
  EXPECT_EQ(cost().actual, 3'000'000);
}

// gpt-4o-mini: input 0.15, priority 0.25: 3 x 150,000 x 5/3 = 750,000. Half of that rounds:
// 1 x 75,000 (read 0.075) x 5/3 = 125,000.
TEST_F(Bill, of_priority_gpt_4o_mini_is_five_thirds) {
  of(Provider::openai, "gpt-4o-mini");
  terms_.service_tier = "priority";
  tokens(TokenClass::input, 3);
  EXPECT_EQ(cost().actual, 750'000);
  counts_ = {};
  tokens(TokenClass::cache_read, 1);
  EXPECT_EQ(cost().actual, 125'000);
}

// gpt-6.2-sol: 2,000,000 x 1.1 = 2,200,000; gpt-5.2 is older than the surcharge.
TEST_F(Bill, of_openai_in_a_region_is_a_tenth_more_from_5_4_on) {
  tokens(TokenClass::input, 1);
  terms_.inference_geo = "eu";
  of(Provider::openai, "gpt-6.2-sol");
  EXPECT_EQ(cost().actual, 2'200'000);
  of(Provider::openai, "gpt-5.2");
  EXPECT_EQ(cost().actual, 1'750'000);
}

// claude-sonnet-5-5 read at 0.2 until 2026-10-07, and at 0.1 from then on.
TEST_F(Bill, of_sonnet_5_5_before_its_price_was_cut_is_as_it_was) {
  of(Provider::anthropic, "claude-sonnet-5-5");
  tokens(TokenClass::cache_read, 1);
  at_ = std::chrono::sys_days(std::chrono::year(2026) / 10 / 7) - std::chrono::seconds(1);
  EXPECT_EQ(cost().actual, 200'000);
  at_ += std::chrono::seconds(1);
  EXPECT_EQ(cost().actual, 100'000);
}

// gpt-6.2-sol: 1,000 x 2,000,000 = 2,000,000,000; flex and batch half, priority double.
TEST_F(Bill, of_openai_follows_the_service_tier) {
  of(Provider::openai, "gpt-6.2-sol");
  tokens(TokenClass::cache_read, 20'000);
  terms_.service_tier = "flex";
  EXPECT_EQ(cost().actual, 1'000'000'000);
  terms_.service_tier = "batch";
  EXPECT_EQ(cost().actual, 1'000'000'000);
  terms_.service_tier = "priority";
  EXPECT_EQ(cost().actual, 4'000'000'000);
}

TEST_F(Bill, modifies_what_it_would_have_been_without_caching_too) {
  of(Provider::openai, "gpt-6.2-sol");
  tokens(TokenClass::cache_read, 1);
  terms_.service_tier = "flex";
  EXPECT_EQ(cost().uncached, 1'000'000);
}

TEST_F(Bill, terms_of_another_provider_change_nothing) {
  of(Provider::gemini, "gemini-2.5-flash");
  tokens(TokenClass::input, 1);
  terms_ = {.service_tier = "flex", .speed = "fast", .inference_geo = "us"};
  EXPECT_EQ(cost().actual, 300'000);
}

TEST_F(Bill, of_the_standard_tier_is_the_list_price) {
  of(Provider::anthropic, "claude-opus-5-5");
  tokens(TokenClass::input, 1);
  terms_ = {.service_tier = "standard", .speed = "standard", .inference_geo = "not_available"};
  EXPECT_EQ(cost().actual, 4'000'000);
}

// The newest dated gpt-4o is at gpt-4o's 2.5; the oldest still costs 5.
TEST_F(Bill, of_a_dated_name_with_a_price_of_its_own_is_not_that_of_its_family) {
  tokens(TokenClass::input, 1);
  of(Provider::openai, "gpt-4o-2024-11-20");
  EXPECT_EQ(cost().actual, 2'500'000);
  of(Provider::openai, "gpt-4o-2024-05-13");
  EXPECT_EQ(cost().actual, 5'000'000);
}

TEST_F(Bill, of_no_tokens_is_nothing) {
  of(Provider::anthropic, "claude-opus-5-5");
  EXPECT_EQ(cost().actual, 0);
  EXPECT_EQ(cost().uncached, 0);
}

TEST_F(Bill, of_an_absurd_count_is_the_largest_amount_and_no_overflow) {
  of(Provider::anthropic, "claude-opus-5-5");
  tokens(TokenClass::output, std::numeric_limits<std::uint64_t>::max());
  terms_ = {.service_tier = "", .speed = "fast", .inference_geo = "us"};
  EXPECT_EQ(cost().actual, std::numeric_limits<Picodollars>::max());
}

// 1 picodollar x 50 % is half a picodollar and rounds up; 3 x 50 % = 1.5 becomes 2;
// 101 x 50 % = 50.5 becomes 51, on the total: each token alone would have become 101.
TEST(RoundingOfAModifiedTotal, is_half_up_and_once) {
  const auto table = ModelTable::parse(R"({
    "version": "2026-11-23", "sources": {},
    "modifiers": {"openai": {"service_tier": {"flex": 50}}},
    "models": [{
      "name": "m", "provider": "openai",
      "usd_per_mtok": [{"rates": {"input": "0.000001", "output": "1"}}],
      "context_window_tokens": 1000, "min_cacheable_tokens": null, "explicit_breakpoints": false,
      "bytes_per_token": 4, "retires": null, "as_of": "2026", "source": "test", "notes": ""
    }]})")
                         .value();
  const auto cost_of = [&](std::uint64_t input) {
    TokenCounts counts;
    counts[TokenClass::input] = input;
    const auto& model = table.models().front();
    const ServiceTerms flex{.service_tier = "flex", .speed = "", .inference_geo = ""};
    return table.cost(model, counts, flex, kNovember).actual;
  };
  EXPECT_EQ(cost_of(1), 1);
  EXPECT_EQ(cost_of(2), 1);
  EXPECT_EQ(cost_of(3), 2);
  EXPECT_EQ(cost_of(101), 51);
}

}  // namespace
}  // namespace foreword::config
