#include "cache/spending.h"

#include <limits>

#include <gtest/gtest.h>

#include "unit/cache/rows.h"
#include "unit/cache/store_fixture.h"

namespace foreword::cache::test {
namespace {

using config::PicodollarTotal;
using config::TokenClass;

class SpendingTest : public StoreFixture {
 protected:
  /// A request to claude-sonnet-5-5, at its price or at `times` of it.
  void record(const config::TokenCounts& tokens, std::int64_t ms, PicodollarTotal times = 1) {
    LedgerRow row = smallest_row(ms);
    row.model = "claude-sonnet-5-5";
    row.tokens = tokens;
    row.priced = true;
    const auto& models = config::ModelTable::built_in();
    const auto* model = models.find(row.provider, row.model);
    row.cost_actual = static_cast<config::Picodollars>(
        models.cost(*model, tokens, row.terms, row.started).actual * times);
    writer_.append(row);
  }
  [[nodiscard]] Spending spending() {
    writer_.flush();
    return cache::spending(store(), {}, config::ModelTable::built_in()).value();
  }

 private:
  LedgerWriter writer_{store(), std::chrono::hours(1), nullptr};
};

config::TokenCounts counts(std::uint64_t input, std::uint64_t read, std::uint64_t output) {
  config::TokenCounts tokens;
  tokens[TokenClass::input] = input;
  tokens[TokenClass::cache_read] = read;
  tokens[TokenClass::output] = output;
  return tokens;
}

TEST_F(SpendingTest, each_class_has_its_tokens_times_its_price) {
  record(counts(1'000, 50'000, 30), 0);
  const auto result = spending();
  EXPECT_TRUE(result.of(TokenClass::input) == PicodollarTotal{1'000} * 2'000'000);
  EXPECT_TRUE(result.of(TokenClass::cache_read) == PicodollarTotal{50'000} * 100'000);
  EXPECT_TRUE(result.of(TokenClass::output) == PicodollarTotal{30} * 10'000'000);
  EXPECT_TRUE(result.of(TokenClass::cache_write_5m) == 0);
}

TEST_F(SpendingTest, terms_that_change_a_price_change_all_classes) {
  record(counts(1'000, 0, 30), 0, 2);
  EXPECT_TRUE(spending().of(TokenClass::output) == PicodollarTotal{60} * 10'000'000);
}

TEST_F(SpendingTest, the_classes_add_up_to_what_was_paid) {
  for (std::int64_t i = 1; i < 40; ++i) {
    const auto n = static_cast<std::uint64_t>(i);
    record(counts(7 * n, 1'001 * n, 13 * n), i, 3);
  }
  const auto result = spending();
  PicodollarTotal sum = 0;
  for (const auto part : result.by_class) sum += part;
  EXPECT_TRUE(sum == result.paid);
  EXPECT_EQ(result.window.rows, 39u);
}

TEST_F(SpendingTest, a_count_too_absurd_to_be_true_is_shared_out_without_overflow) {
  LedgerRow row = smallest_row();
  row.model = "claude-sonnet-5-5";
  row.tokens[TokenClass::input] = 1ull << 63;
  row.tokens[TokenClass::output] = 1ull << 62;
  row.priced = true;
  row.cost_actual = std::numeric_limits<config::Picodollars>::max();
  LedgerWriter(store(), std::chrono::hours(1), nullptr).append(row);
  const auto result = cache::spending(store(), {}, config::ModelTable::built_in()).value();
  EXPECT_GT(static_cast<double>(result.of(TokenClass::output)), 0.0);
  EXPECT_TRUE(result.of(TokenClass::input) + result.of(TokenClass::output) == result.paid);
}

}  // namespace
}  // namespace foreword::cache::test
