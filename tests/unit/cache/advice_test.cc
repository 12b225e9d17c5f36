#include "cache/advice.h"

#include <gtest/gtest.h>

#include "config/price_text.h"
#include "unit/cache/rows.h"
#include "unit/cache/store_fixture.h"

namespace foreword::cache::test {
namespace {

using config::Estimate;
using config::kOne;
using config::PicodollarTotal;
using config::TokenClass;

constexpr PicodollarTotal kDollar = config::kPicodollarsPerDollar;
constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
const config::TimePoint kNow = config::parse_date("2026-11-26").value();

/// 100 tokens generated for `usd`, from a prompt of 1,500 of which 1,000 are of a knowledge base.
LedgerRow request(std::int64_t ms, std::int64_t usd, std::uint64_t number = 0) {
  auto row = smallest_row(ms, number);
  row.model = "claude-sonnet-5-5";
  row.outcome = Outcome::complete;
  row.usage_source = UsageSource::reported;
  row.priced = true;
  row.cost_actual = usd * config::kPicodollarsPerDollar;
  row.cost_uncached = 2 * row.cost_actual;
  row.tokens[TokenClass::input] = 500;
  row.tokens[TokenClass::cache_read] = 1'000;
  row.tokens[TokenClass::output] = 100;
  row.kb_tokens_estimate = 1'000;
  row.first_byte = std::chrono::milliseconds(400);
  return row;
}

class AdviceTest : public StoreFixture {
 protected:
  void record(const LedgerRow& row) {
    put(Family::ledger, {row.id.bytes.begin(), row.id.bytes.end()}, encode(row).value());
  }
  [[nodiscard]] Traffic traffic() { return cache::traffic(store(), {}).value(); }
  [[nodiscard]] Advice advice(const config::FinetuneSettings& settings = {}) {
    return cache::advice(traffic(), settings, config::ModelTable::built_in(), kNow);
  }
  /// What costs `usd` in 30 days and some.
  void record_month(std::int64_t usd) {
    record(request(0, usd, 0));
    record(request(730 * kHourMs, 0, 1));
  }
};

TEST_F(AdviceTest, traffic_leaves_the_knowledge_base_out_of_prompts) {
  record(request(0, 1));
  EXPECT_EQ(traffic().tokens.prompt, 500u);
  EXPECT_EQ(traffic().tokens.output, 100u);
}

TEST_F(AdviceTest, an_estimate_above_the_prompt_leaves_no_prompt) {
  auto row = request(0, 1);
  row.kb_tokens_estimate = 1'000'000;
  record(row);
  EXPECT_EQ(traffic().tokens.prompt, 0u);
}

TEST_F(AdviceTest, rows_without_a_price_are_counted_and_left_out) {
  record(request(0, 1, 0));
  auto row = request(1, 0, 1);
  row.priced = false;
  record(row);
  EXPECT_EQ(traffic().requests, 1u);
  EXPECT_EQ(traffic().left_out, 1u);
  EXPECT_EQ(traffic().tokens.output, 100u);
}

TEST_F(AdviceTest, the_busiest_hour_is_one_of_the_clock) {
  record(request(kHourMs - 1, 1, 0));
  record(request(kHourMs, 1, 1));
  record(request(2 * kHourMs - 1, 1, 2));
  record(request(5 * kHourMs, 1, 3));
  EXPECT_EQ(traffic().busiest_hour.output, 200u);
  EXPECT_EQ(traffic().busiest_hour.prompt, 1'000u);
}

TEST_F(AdviceTest, only_whole_answers_tell_how_fast_they_began) {
  auto row = request(0, 1, 0);
  row.first_byte = std::chrono::milliseconds(20);
  record(row);
  row = request(1, 1, 1);
  row.first_byte = std::chrono::milliseconds(1);
  row.outcome = Outcome::client_gone;
  record(row);
  record(request(2, 1, 2));
  EXPECT_EQ(traffic().answered, 2u);
  EXPECT_EQ(traffic().within_30ms, 1u);
  EXPECT_EQ(traffic().fastest_first_byte, std::chrono::milliseconds(20));
}

TEST_F(AdviceTest, models_come_the_dearest_first) {
  auto row = request(0, 1, 0);
  row.model = "a";
  record(row);
  record(request(1, 5, 1));
  ASSERT_EQ(traffic().models.size(), 2u);
  EXPECT_EQ(traffic().models[0].model, "claude-sonnet-5-5");
}

TEST_F(AdviceTest, a_damaged_row_is_an_error) {
  put(Family::ledger, std::string(16, 'x'), "garbage");
  EXPECT_FALSE(cache::traffic(store(), {}));
}

TEST_F(AdviceTest, an_empty_ledger_cannot_tell) {
  EXPECT_EQ(advice().verdict, Verdict::cannot_tell);
  EXPECT_TRUE(advice().models.empty());
}

TEST_F(AdviceTest, less_than_a_day_counts_as_one) {
  record(request(0, 24, 0));
  record(request(kHourMs, 0, 1));
  // 24 dollars a day are 730 in 730 hours.
  EXPECT_TRUE(advice().scaled_from_too_little());
  EXPECT_TRUE(advice().month.actual == 730 * kDollar);
  EXPECT_TRUE(advice().uncached == 2 * 730 * kDollar);
}

TEST_F(AdviceTest, more_than_a_day_is_divided_by_how_long_it_was) {
  record(request(0, 20, 0));
  record(request(10 * kDayMs, 4, 1));
  // 24 dollars in 240 hours are 73 in 730.
  EXPECT_FALSE(advice().scaled_from_too_little());
  EXPECT_TRUE(advice().month.actual == 73 * kDollar);
}

TEST_F(AdviceTest, small_traffic_is_not_fine_tuned) {
  record_month(10);
  EXPECT_EQ(advice().verdict, Verdict::no);
}

TEST_F(AdviceTest, large_traffic_is) {
  record_month(100'000);
  EXPECT_EQ(advice().verdict, Verdict::yes);
}

TEST_F(AdviceTest, between_the_estimates_it_depends_on_the_costs) {
  // 100, 500 and 900 a month, by whichever kind.
  config::FinetuneSettings settings;
  for (const auto& assumption : config::finetune_assumptions()) {
    if (!assumption.more_is_cheaper) settings.*assumption.member = {};
  }
  settings.observability_usd_per_month = {{100 * kOne, 500 * kOne, 900 * kOne}};
  record_month(300);
  EXPECT_EQ(advice(settings).verdict, Verdict::no_as_typical);
  settings.observability_usd_per_month = {{100 * kOne, 299 * kOne, 900 * kOne}};
  EXPECT_EQ(advice(settings).verdict, Verdict::yes);
  // What costs the same is not worth the change.
  settings.observability_usd_per_month = {{300 * kOne, 300 * kOne, 900 * kOne}};
  EXPECT_EQ(advice(settings).verdict, Verdict::no);
}

TEST_F(AdviceTest, the_knowledge_base_is_priced_as_of_today) {
  record(request(0, 1));
  const auto advised = advice();
  const auto& kb = advised.models.at(0).kb;
  ASSERT_TRUE(kb);
  EXPECT_EQ(kb->tokens, 1'000u);
  // 0.10 and 2.50 dollars a million tokens.
  EXPECT_EQ(config::to_usd(kb->warm), "0.0001");
  EXPECT_EQ(config::to_usd(kb->cold), "0.0025");
}

TEST_F(AdviceTest, trainings_follow_the_line_of_the_dearest_model) {
  record(request(0, 1));
  EXPECT_EQ(advice().trainings_per_year[Estimate::typical], 3 * kOne);
}

}  // namespace
}  // namespace foreword::cache::test
