#include "cache/savings.h"

#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "unit/cache/rows.h"
#include "unit/cache/store_fixture.h"

namespace foreword::cache::test {
namespace {

using config::PicodollarTotal;

constexpr std::int64_t kHourMs = 3600 * 1000;
constexpr std::int64_t kDayMs = 24 * kHourMs;

class SavingsTest : public StoreFixture {
 protected:
  void record(const LedgerRow& row) {
    rows_.push_back(row);
    writer_.append(row);
  }
  [[nodiscard]] Savings savings(GroupBy group_by = GroupBy::none, const TimeRange& range = {}) {
    writer_.flush();
    return cache::savings(store(), range, group_by).value();
  }
  [[nodiscard]] const std::vector<LedgerRow>& rows() const { return rows_; }

 private:
  LedgerWriter writer_{store(), std::chrono::hours(1), nullptr};
  std::vector<LedgerRow> rows_;
};

void expect_same(const SavingsSums& got, const SavingsSums& expected) {
  EXPECT_EQ(got.requests, expected.requests);
  EXPECT_EQ(got.estimated, expected.estimated);
  EXPECT_EQ(got.unpriced, expected.unpriced);
  EXPECT_EQ(got.failed, expected.failed);
  EXPECT_EQ(got.tokens, expected.tokens);
  EXPECT_EQ(got.kb_tokens_estimate, expected.kb_tokens_estimate);
  EXPECT_TRUE(got.actual == expected.actual);
  EXPECT_TRUE(got.uncached == expected.uncached);
}

LedgerRow priced_row(std::int64_t ms, config::Picodollars actual, config::Picodollars uncached) {
  LedgerRow row = smallest_row(ms);
  row.outcome = Outcome::complete;
  row.usage_source = UsageSource::reported;
  row.priced = true;
  row.cost_actual = actual;
  row.cost_uncached = uncached;
  return row;
}

LedgerRow random_row(std::mt19937_64& random, std::uint64_t number) {
  const auto one_of = [&](std::initializer_list<const char*> values) {
    return std::string(values.begin()[random() % values.size()]);
  };
  LedgerRow row = smallest_row(static_cast<std::int64_t>(random() % (5 * kDayMs)), number);
  row.model = one_of({"", "claude", "gpt", "gemini"});
  row.kb = one_of({"", "handbook", "wiki"});
  row.label = one_of({"", "support", "sales"});
  row.upstream = one_of({"anthropic", "openai"});
  row.outcome = static_cast<Outcome>(random() % 5);
  row.usage_source = static_cast<UsageSource>(random() % 4);
  for (auto& tokens : row.tokens.by_class) tokens = random() % 1'000'000;
  row.kb_tokens_estimate = random() % 1'000'000;
  row.priced = random() % 4 != 0;
  if (row.priced) {
    row.cost_actual = static_cast<config::Picodollars>(random() >> 1);
    row.cost_uncached = static_cast<config::Picodollars>(random() >> 1);
    row.cost_client_only = static_cast<config::Picodollars>(random() >> 1);
  }
  return row;
}

// Written apart from the program, so that the two can disagree.
struct Plain {
  std::uint64_t requests = 0, estimated = 0, unpriced = 0, failed = 0, kb_tokens = 0;
  config::TokenCounts tokens;
  PicodollarTotal actual = 0, uncached = 0, client_only = 0;
};
Plain plain_sum(const std::vector<LedgerRow>& rows) {
  Plain sum;
  for (const auto& row : rows) {
    const bool final_numbers =
        row.usage_source == UsageSource::none || row.usage_source == UsageSource::reported;
    sum.requests += 1;
    sum.estimated += row.outcome == Outcome::provisional || !final_numbers;
    sum.unpriced += !row.priced;
    sum.failed += row.outcome == Outcome::failed;
    sum.kb_tokens += row.kb_tokens_estimate;
    for (std::size_t i = 0; i < config::kTokenClasses; ++i) {
      sum.tokens.by_class[i] += row.tokens.by_class[i];
    }
    sum.actual += row.cost_actual;
    sum.uncached += row.cost_uncached;
    sum.client_only += row.cost_client_only;
  }
  return sum;
}

class SavingsBy : public SavingsTest, public testing::WithParamInterface<GroupBy> {};

TEST_P(SavingsBy, groups_and_total_are_the_sums_of_the_rows) {
  std::mt19937_64 random(4);
  for (std::uint64_t i = 0; i < 500; ++i) record(random_row(random, i));
  const Savings result = savings(GetParam());

  const Plain plain = plain_sum(rows());
  EXPECT_EQ(result.total.requests, plain.requests);
  EXPECT_EQ(result.total.estimated, plain.estimated);
  EXPECT_EQ(result.total.unpriced, plain.unpriced);
  EXPECT_EQ(result.total.failed, plain.failed);
  EXPECT_EQ(result.total.kb_tokens_estimate, plain.kb_tokens);
  EXPECT_EQ(result.total.tokens, plain.tokens);
  EXPECT_TRUE(result.total.actual == plain.actual);
  EXPECT_TRUE(result.total.uncached == plain.uncached);
  EXPECT_TRUE(result.total.client_only == plain.client_only);
  EXPECT_TRUE(result.total.saved() == plain.uncached - plain.actual);
  EXPECT_TRUE(result.total.caused() == plain.client_only - plain.actual);

  SavingsSums over_groups;
  for (const auto& [name, sums] : result.groups) {
    over_groups.requests += sums.requests;
    over_groups.estimated += sums.estimated;
    over_groups.unpriced += sums.unpriced;
    over_groups.failed += sums.failed;
    over_groups.tokens += sums.tokens;
    over_groups.kb_tokens_estimate += sums.kb_tokens_estimate;
    over_groups.actual += sums.actual;
    over_groups.uncached += sums.uncached;
  }
  if (GetParam() == GroupBy::none) {
    EXPECT_TRUE(result.groups.empty());
  } else {
    EXPECT_GT(result.groups.size(), 1u);
    expect_same(over_groups, result.total);
  }
}

INSTANTIATE_TEST_SUITE_P(Every, SavingsBy,
                         testing::Values(GroupBy::none, GroupBy::model, GroupBy::kb, GroupBy::label,
                                         GroupBy::upstream, GroupBy::day, GroupBy::hour));

TEST_F(SavingsTest, a_row_is_in_the_group_of_its_value) {
  LedgerRow row = priced_row(kDayMs + 5, 3, 7);
  row.model = "claude";
  row.kb = "handbook";
  row.label = "support";
  row.upstream = "anthropic";
  record(row);
  const auto only_group = [&](GroupBy by) { return savings(by).groups.begin()->first; };
  EXPECT_EQ(only_group(GroupBy::model), "claude");
  EXPECT_EQ(only_group(GroupBy::kb), "handbook");
  EXPECT_EQ(only_group(GroupBy::label), "support");
  EXPECT_EQ(only_group(GroupBy::upstream), "anthropic");
  EXPECT_EQ(only_group(GroupBy::day), "2026-11-24");
}

TEST_F(SavingsTest, a_row_without_the_value_is_in_a_group_that_says_so) {
  record(smallest_row());
  const auto only_group = [&](GroupBy by) { return savings(by).groups.begin()->first; };
  EXPECT_EQ(only_group(GroupBy::model), "(unknown)");
  EXPECT_EQ(only_group(GroupBy::kb), "(none)");
  EXPECT_EQ(only_group(GroupBy::label), "(none)");
}

TEST_F(SavingsTest, days_begin_at_midnight_utc) {
  record(priced_row(kDayMs - 1, 1, 1));
  record(priced_row(kDayMs, 1, 1));
  const auto days = savings(GroupBy::day).groups;
  EXPECT_EQ(days.size(), 2u);
  EXPECT_TRUE(days.contains("2026-11-23"));
  EXPECT_TRUE(days.contains("2026-11-24"));
}

TEST_F(SavingsTest, hours_are_named_by_their_begin_and_stay_apart) {
  record(priced_row(kDayMs - 1, 1, 1));
  record(priced_row(kDayMs, 1, 1));
  record(priced_row(kDayMs + 9 * kHourMs, 1, 1));
  const auto hours = savings(GroupBy::hour).groups;
  EXPECT_EQ(hours.size(), 3u);
  EXPECT_TRUE(hours.contains("2026-11-23T23:00:00Z"));
  EXPECT_TRUE(hours.contains("2026-11-24T00:00:00Z"));
  EXPECT_TRUE(hours.contains("2026-11-24T09:00:00Z"));
}

TEST_F(SavingsTest, more_values_than_memory_is_for_share_one_group) {
  for (std::uint64_t i = 0; i < kMaxSavingsGroups + 7; ++i) {
    LedgerRow row = smallest_row(0, i);
    row.label = "label " + std::to_string(i);
    record(row);
  }
  const auto groups = savings(GroupBy::label).groups;
  EXPECT_EQ(groups.size(), kMaxSavingsGroups + 1);
  EXPECT_EQ(groups.at("(other)").requests, 7u);
}

TEST_F(SavingsTest, totals_go_beyond_64_bits) {
  const auto most = std::numeric_limits<config::Picodollars>::max();
  for (int i = 0; i < 3; ++i) record(priced_row(i, 0, most));
  EXPECT_TRUE(savings().total.saved() == PicodollarTotal{3} * most);
}

TEST_F(SavingsTest, a_cache_write_that_was_never_read_is_a_loss) {
  record(priced_row(0, 125, 100));
  EXPECT_TRUE(savings().total.saved() == -25);
}

// The last two fields of a sum, both nothing here, as two bytes each.
TEST_F(SavingsTest, sums_of_before_there_was_a_client_only_cost_claim_nothing) {
  record(priced_row(0, 5, 7));
  ASSERT_TRUE(savings().total.client_only == 0);
  std::vector<Write> older;
  ASSERT_TRUE(store().scan(Family::rollups, {}, {}, [&](std::string_view key, std::string_view v) {
    EXPECT_TRUE(v.ends_with(std::string_view("\x70\0\x78\0", 4)));
    older.push_back({Family::rollups, std::string(key), std::string(v.substr(0, v.size() - 4))});
    return true;
  }));
  ASSERT_TRUE(store().write(older, Durability::buffered));
  const TimeRange whole_days{at_ms(0), at_ms(kDayMs)};
  EXPECT_TRUE(savings(GroupBy::none, whole_days).total.client_only == 5);
  EXPECT_TRUE(savings(GroupBy::none, whole_days).total.caused() == 0);
}

TEST_F(SavingsTest, only_rows_of_the_range_count) {
  for (int i = 0; i < 5; ++i) record(priced_row(i, 1, 2));
  const Savings result = savings(GroupBy::none, {at_ms(1), at_ms(3)});
  EXPECT_EQ(result.total.requests, 2u);
  EXPECT_EQ(result.first, at_ms(1));
  EXPECT_EQ(result.last, at_ms(2));
}

TEST_F(SavingsTest, an_empty_ledger_is_all_zero) {
  const Savings result = savings(GroupBy::model);
  expect_same(result.total, SavingsSums{});
  EXPECT_TRUE(result.groups.empty());
  EXPECT_FALSE(result.first);
}

TEST_F(SavingsTest, a_damaged_row_is_an_error_and_not_a_sum_of_the_rest) {
  const auto id = first_id_at(at_ms(5));
  put(Family::ledger, {id.bytes.begin(), id.bytes.end()}, "garbage");
  EXPECT_FALSE(cache::savings(store(), {at_ms(1), at_ms(9)}, GroupBy::none));
}

TEST_F(SavingsTest, a_damaged_sum_is_an_error_and_not_a_sum_of_the_rest) {
  record(priced_row(0, 1, 2));
  ASSERT_EQ(savings().total.requests, 1u);
  std::vector<std::string> keys;
  ASSERT_TRUE(store().scan(Family::rollups, {}, {}, [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return true;
  }));
  for (const auto& key : keys) put(Family::rollups, key, "garbage");
  EXPECT_FALSE(cache::savings(store(), {}, GroupBy::none));
}

TEST(GroupByName, is_the_enumerators) {
  EXPECT_EQ(parse_group_by("none"), GroupBy::none);
  EXPECT_EQ(parse_group_by("model"), GroupBy::model);
  EXPECT_EQ(parse_group_by("kb"), GroupBy::kb);
  EXPECT_EQ(parse_group_by("label"), GroupBy::label);
  EXPECT_EQ(parse_group_by("upstream"), GroupBy::upstream);
  EXPECT_EQ(parse_group_by("day"), GroupBy::day);
  EXPECT_EQ(parse_group_by("hour"), GroupBy::hour);
  EXPECT_FALSE(parse_group_by("minute"));
  EXPECT_FALSE(parse_group_by(""));
}

}  // namespace
}  // namespace foreword::cache::test
