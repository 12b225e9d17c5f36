// The arithmetic of a bill, against sums made by hand.
#include "config/bill_detail.h"

#include <gtest/gtest.h>

namespace foreword::config {
namespace {

constexpr TimePoint kNovember = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);

BillDetail detail_of(Provider provider, std::string_view name, const TokenCounts& counts,
                     const ServiceTerms& terms = {}) {
  const auto& table = ModelTable::built_in();
  return bill_detail(table, *table.find(provider, name), counts, terms, kNovember);
}

PicodollarTotal sum_of(const BillDetail& detail) {
  PicodollarTotal sum = 0;
  for (const auto& line : detail.lines) sum += line.amount;
  return sum;
}

TEST(BillDetail, HasALineForEachClassThatHasTokens) {
  TokenCounts counts;
  counts[TokenClass::cache_read] = 1000;
  counts[TokenClass::output] = 20;
  const auto detail = detail_of(Provider::anthropic, "claude-sonnet-5-5", counts);
  ASSERT_EQ(detail.lines.size(), 2u);
  EXPECT_EQ(detail.lines[0].token_class, TokenClass::cache_read);
  EXPECT_EQ(detail.lines[0].per_token, 100'000);
  EXPECT_EQ(detail.lines[0].amount, 100'000'000);
  EXPECT_EQ(detail.total, 300'000'000);
  EXPECT_TRUE(detail.modifiers.empty());
}

TEST(BillDetail, NamesWhatMultipliesTheSum) {
  TokenCounts counts;
  counts[TokenClass::input] = 1000;
  ServiceTerms terms;
  terms.inference_geo = "us";
  const auto detail = detail_of(Provider::anthropic, "claude-sonnet-5-5", counts, terms);
  ASSERT_EQ(detail.modifiers.size(), 1u);
  EXPECT_EQ(detail.modifiers[0].field, "inference_geo");
  EXPECT_EQ(sum_of(detail) * detail.modifiers[0].numerator / detail.modifiers[0].denominator,
            detail.total);
  EXPECT_EQ(detail.total, 2'200'000'000);
}

TEST(BillDetail, IsAtTheRatesOfLongPromptsWhereTheBillIs) {
  TokenCounts counts;
  counts[TokenClass::cache_read] = 100'000;
  counts[TokenClass::input] = 1;
  const auto detail = detail_of(Provider::anthropic, "claude-haiku-5-5", counts);
  EXPECT_TRUE(detail.long_context);
  EXPECT_EQ(sum_of(detail), detail.total);
  EXPECT_EQ(detail.lines[0].per_token, 500'000);
}

}  // namespace
}  // namespace foreword::config
