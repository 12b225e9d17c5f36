// Sums that are kept beside the rows: after every way in which a row changes they are what the rows
// sum up to, to the picodollar.
#include "cache/retention.h"

#include <memory>
#include <random>

#include <gtest/gtest.h>

#include "cache/reprice.h"
#include "unit/cache/rows.h"
#include "unit/cache/store_fixture.h"
#include "unit/cache/sums_of_rows.h"

namespace foreword::cache::test {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;

std::string one_of(std::mt19937_64& random, std::initializer_list<const char*> values) {
  return values.begin()[random() % values.size()];
}

/// Anywhere in five days, but for its id not like any other.
void randomise(LedgerRow& row, std::mt19937_64& random) {
  row.model = one_of(random, {"", "claude", "gpt", "gemini"});
  row.kb = one_of(random, {"", "handbook", "wiki"});
  row.label = one_of(random, {"", "support", "sales"});
  row.upstream = one_of(random, {"", "anthropic", "openai"});
  row.outcome = static_cast<Outcome>(random() % 6);
  row.usage_source = static_cast<UsageSource>(random() % 4);
  for (auto& tokens : row.tokens.by_class) tokens = random() % 1'000'000;
  row.kb_tokens_estimate = random() % 1'000'000;
  row.priced = random() % 4 != 0;
  row.cost_actual = row.priced ? static_cast<config::Picodollars>(random() >> 1) : 0;
  row.cost_uncached = row.priced ? static_cast<config::Picodollars>(random() >> 1) : 0;
}

class RollupsTest : public StoreFixture {
 protected:
  RollupsTest() { start(); }
  void start() { writer_ = std::make_unique<LedgerWriter>(store(), 1h, nullptr); }
  void stop() { writer_.reset(); }
  [[nodiscard]] LedgerWriter& writer() { return *writer_; }
  [[nodiscard]] std::mt19937_64& random() { return random_; }

  LedgerRow random_row() {
    LedgerRow row = smallest_row(static_cast<std::int64_t>(random_() % (5 * kDay)), ++number_);
    row.started += std::chrono::microseconds(random_() % 1000);
    randomise(row, random_);
    return row;
  }
  std::vector<LedgerRow> append_random_rows(int count) {
    std::vector<LedgerRow> rows;
    for (int i = 0; i < count; ++i) {
      rows.push_back(random_row());
      writer().append(rows.back());
    }
    writer().flush();
    return rows;
  }
  [[nodiscard]] TimeRange random_range() {
    const auto bound = [&]() -> std::optional<config::TimePoint> {
      const auto any = static_cast<std::int64_t>(random_() % (7 * kDay)) - kDay;
      switch (random_() % 4) {
        case 0:
          return std::nullopt;
        case 1:
          return at_ms(any / kHour * kHour);
        case 2:
          return at_ms(any / kDay * kDay);
        default:
          return at_ms(any);
      }
    };
    return {bound(), bound()};
  }
  /// As a store of before the sums: rows alone.
  void forget_rollups() {
    const Write changes[] = {{Family::rollups, std::string(1, '\0'), {}, "\xff"},
                             {Family::meta, "rollups", {}}};
    ASSERT_TRUE(store().write(changes, Durability::buffered));
  }
  void build() {
    ASSERT_TRUE(build_rollups(store(), [](std::uint64_t) {}));
  }

 private:
  std::mt19937_64 random_{20'261'126};
  std::uint64_t number_ = 0;
  std::unique_ptr<LedgerWriter> writer_;
};

TEST_F(RollupsTest, agree_with_rows_over_any_range) {
  append_random_rows(2000);
  for (int i = 0; i < 100; ++i) {
    const auto range = random_range();
    if (range.from && range.to && *range.from >= *range.to) continue;
    expect_sums_agree_with_rows(store(), range);
    ASSERT_FALSE(HasFailure()) << "range " << i;
  }
}

TEST_F(RollupsTest, agree_with_rows_after_rows_of_any_age_were_replaced) {
  auto rows = append_random_rows(20'000);  // more than the writer remembers
  for (int i = 0; i < 500; ++i) {
    LedgerRow& row = rows[random()() % rows.size()];
    randomise(row, random());
    writer().append(row);
    if (i % 3 == 0) writer().append(row);  // again, in the same group
    if (i % 5 == 0) writer().flush();
  }
  writer().flush();
  expect_sums_agree_with_rows(store());
}

TEST_F(RollupsTest, agree_with_rows_after_a_writer_of_before_was_replaced) {
  auto rows = append_random_rows(50);
  stop();
  reopen();
  start();
  for (auto& row : rows) {
    randomise(row, random());
    writer().append(row);
  }
  append_random_rows(50);
  expect_sums_agree_with_rows(store());
}

TEST_F(RollupsTest, a_group_that_its_last_row_left_is_gone) {
  LedgerRow row = smallest_row();
  row.model = "as asked";
  writer().append(row);
  writer().flush();
  row.model = "as answered";
  writer().append(row);
  writer().flush();
  const auto groups = savings(store(), {}, GroupBy::model).value().groups;
  EXPECT_EQ(groups.size(), 1u);
  EXPECT_TRUE(groups.contains("as answered"));
}

TEST_F(RollupsTest, agree_with_rows_that_were_stored_otherwise_than_given) {
  LedgerRow row = smallest_row();
  row.label = std::string(1000, 'x');
  row.priced = true;
  row.cost_actual = -5;
  row.cost_uncached = 7;
  writer().append(row);
  writer().flush();
  expect_sums_agree_with_rows(store());
}

TEST_F(RollupsTest, agree_with_rows_that_got_their_price_later) {
  append_random_rows(1000);
  RepriceQuestion question;
  question.rows = 10'000;
  question.running_since = at_ms(10 * kDay);
  const auto repriced = reprice(store(), writer(), question, [](LedgerRow& row) {
    row.priced = true;
    row.cost_actual = 3;
    row.cost_uncached = 4;
  });
  ASSERT_GT(repriced->priced, 100u);
  writer().flush();
  expect_sums_agree_with_rows(store());
  EXPECT_TRUE(savings(store(), {}, GroupBy::none)->unpriced_models.empty());
}

TEST_F(RollupsTest, are_built_for_a_store_that_has_none) {
  append_random_rows(25'000);  // more than one step
  stop();
  forget_rollups();
  std::vector<std::uint64_t> told;
  ASSERT_TRUE(build_rollups(store(), [&](std::uint64_t rows) { told.push_back(rows); }));
  EXPECT_EQ(told.back(), 25'000u);
  EXPECT_GT(told.size(), 2u);
  EXPECT_GT(count(Family::rollups), 0u);
  expect_sums_agree_with_rows(store());
}

TEST_F(RollupsTest, are_built_on_from_where_a_killed_process_was) {
  append_random_rows(25'000);
  stop();
  forget_rollups();
  struct Killed {};
  EXPECT_THROW(static_cast<void>(build_rollups(store(), [](std::uint64_t) { throw Killed(); })),
               Killed);
  reopen();
  build();
  expect_sums_agree_with_rows(store());
}

TEST_F(RollupsTest, are_built_once) {
  append_random_rows(10);
  stop();
  bool told = false;
  ASSERT_TRUE(build_rollups(store(), [&](std::uint64_t) { told = true; }));
  EXPECT_FALSE(told);
  expect_sums_agree_with_rows(store());
}

TEST_F(RollupsTest, that_are_not_built_are_not_trusted) {
  append_random_rows(10);
  stop();
  forget_rollups();
  start();
  append_random_rows(10);
  EXPECT_EQ(count(Family::rollups), 0u);
  expect_sums_agree_with_rows(store());
}

TEST_F(RollupsTest, outlive_the_rows) {
  append_random_rows(1000);
  const auto rows = rows_of(store());
  const auto keep_from = at_ms(3 * kDay + 5 * kHour + 1);
  while (sweep_rows(store(), keep_from, 100)->more) {
  }
  EXPECT_EQ(rows_of(store()).front().id, rows_of(store(), {at_ms(3 * kDay + 5 * kHour), {}})[0].id);
  EXPECT_LT(rows_of(store()).size(), rows.size() / 2);
  for (const auto by : kEveryGroupBy) {
    expect_savings_of(savings(store(), {}, by).value(), by, rows);
  }
}

TEST_F(RollupsTest, tell_of_half_swept_hours) {
  append_random_rows(1000);
  const auto rows = rows_of(store());
  ASSERT_TRUE(sweep_rows(store(), at_ms(4 * kDay), 7)->more);
  for (const auto by : kEveryGroupBy) {
    expect_savings_of(savings(store(), {}, by).value(), by, rows);
  }
}

TEST_F(RollupsTest, count_the_whole_hour_where_its_rows_are_deleted) {
  append_random_rows(1000);
  const TimeRange widened{at_ms(kDay + kHour), at_ms(2 * kDay + 2 * kHour)};
  const auto rows = rows_of(store(), widened);
  while (sweep_rows(store(), at_ms(4 * kDay), 100)->more) {
  }
  const TimeRange asked{at_ms(kDay + kHour + 1), at_ms(2 * kDay + 2 * kHour - 1)};
  const auto result = savings(store(), asked, GroupBy::kb).value();
  expect_savings_of(result, GroupBy::kb, rows);
  EXPECT_EQ(result.range.from, widened.from);
  EXPECT_EQ(result.range.to, widened.to);
}

TEST_F(RollupsTest, a_row_that_was_deleted_meanwhile_is_not_replaced) {
  LedgerRow row = random_row();
  writer().append(row);
  writer().flush();
  EXPECT_EQ(sweep_rows(store(), at_ms(9 * kDay), 10)->deleted, 1u);
  writer().replace(LedgerRow(row));
  writer().flush();
  EXPECT_TRUE(rows_of(store()).empty());
  EXPECT_EQ(savings(store(), {}, GroupBy::none)->total.requests, 1u);
}

TEST_F(RollupsTest, a_row_replaces_one_that_is_still_queued) {
  LedgerRow row = random_row();
  writer().append(row);
  writer().replace(LedgerRow(row));
  writer().flush();
  EXPECT_EQ(rows_of(store()).size(), 1u);
  expect_sums_agree_with_rows(store());
}

TEST_F(RollupsTest, no_row_is_deleted_whose_sum_is_not_kept) {
  append_random_rows(10);
  stop();
  forget_rollups();
  EXPECT_EQ(sweep_rows(store(), at_ms(9 * kDay), 100)->deleted, 0u);
  EXPECT_EQ(rows_of(store()).size(), 10u);
}

}  // namespace
}  // namespace foreword::cache::test
