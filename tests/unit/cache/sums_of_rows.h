// What savings() has to say, from the rows one by one.
#pragma once

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cache/savings.h"

namespace foreword::cache::test {

inline constexpr GroupBy kEveryGroupBy[] = {GroupBy::none,  GroupBy::model,    GroupBy::kb,
                                            GroupBy::label, GroupBy::upstream, GroupBy::day};

inline std::string named(const std::string& value, const char* when_empty) {
  return value.empty() ? when_empty : value;
}

inline std::string group_of_row(const LedgerRow& row, GroupBy by) {
  if (by == GroupBy::model) return named(row.model, "(unknown)");
  if (by == GroupBy::kb) return named(row.kb, "(none)");
  if (by == GroupBy::label) return named(row.label, "(none)");
  if (by == GroupBy::upstream) return named(row.upstream, "(unknown)");
  const auto since = row.started.time_since_epoch();
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(since).count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[16] = {};
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

inline void expect_same_sums(const SavingsSums& got, const SavingsSums& expected) {
  EXPECT_EQ(got.requests, expected.requests);
  EXPECT_EQ(got.estimated, expected.estimated);
  EXPECT_EQ(got.billed, expected.billed);
  EXPECT_EQ(got.unpriced, expected.unpriced);
  EXPECT_EQ(got.failed, expected.failed);
  EXPECT_EQ(got.tokens, expected.tokens);
  EXPECT_EQ(got.kb_tokens_estimate, expected.kb_tokens_estimate);
  EXPECT_TRUE(got.actual == expected.actual);
  EXPECT_TRUE(got.uncached == expected.uncached);
  EXPECT_TRUE(got.client_only == expected.client_only);
}

/// All that savings() says of a range.
inline void expect_savings_of(const Savings& got, GroupBy by, const std::vector<LedgerRow>& rows) {
  Savings expected;
  for (const auto& row : rows) {
    expected.total.add(row);
    expected.first = std::min(expected.first.value_or(row.started), row.started);
    expected.last = std::max(expected.last.value_or(row.started), row.started);
    if (!row.priced) ++expected.unpriced_models[group_of_row(row, GroupBy::model)];
    if (by != GroupBy::none) expected.groups[group_of_row(row, by)].add(row);
  }
  expect_same_sums(got.total, expected.total);
  EXPECT_EQ(got.first, expected.first);
  EXPECT_EQ(got.last, expected.last);
  EXPECT_EQ(got.unpriced_models, expected.unpriced_models);
  ASSERT_EQ(got.groups.size(), expected.groups.size());
  for (const auto& [name, sums] : expected.groups) {
    ASSERT_TRUE(got.groups.contains(name)) << name;
    expect_same_sums(got.groups.at(name), sums);
  }
}

/// The rows that the store holds now, read one by one.
inline std::vector<LedgerRow> rows_of(const Store& store, const TimeRange& range = {}) {
  std::vector<LedgerRow> rows;
  EXPECT_TRUE(for_each_row(store, range, [&](const LedgerRow& row) {
    rows.push_back(row);
    return true;
  }));
  return rows;
}

inline void expect_sums_agree_with_rows(const Store& store, const TimeRange& range = {}) {
  for (const auto by : kEveryGroupBy) {
    expect_savings_of(savings(store, range, by).value(), by, rows_of(store, range));
  }
}

}  // namespace foreword::cache::test
