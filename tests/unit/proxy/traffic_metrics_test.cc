// What is counted of the ledger's rows for /metrics, and that it stays bounded.
#include "proxy/traffic_metrics.h"

#include <gtest/gtest.h>

#include "unit/cache/rows.h"

namespace foreword::proxy {
namespace {

using cache::CacheCause;
using cache::test::smallest_row;
using config::TokenClass;

cache::LedgerRow row_at(std::int64_t ms) {
  auto row = smallest_row(ms);
  row.upstream = "anthropic";
  row.operation = config::Operation::messages;
  row.model = "claude-sonnet-5-5-20260928";
  row.kb = "handbook";
  row.kb_version = "1";
  row.status = 200;
  row.outcome = cache::Outcome::complete;
  row.usage_source = cache::UsageSource::reported;
  row.tokens[TokenClass::cache_write_5m] = 1000;
  row.tokens[TokenClass::output] = 20;
  row.priced = true;
  row.cost_actual = 7;
  row.cost_uncached = 5;
  row.first_byte = std::chrono::milliseconds(40);
  row.duration = std::chrono::milliseconds(41);
  return row;
}

class Traffic : public testing::Test {
 protected:
  void add(const cache::LedgerRow& row) { metrics_.add(row, config::ModelTable::built_in()); }
  TrafficSums only_sums() const {
    const auto reading = metrics_.read();
    EXPECT_EQ(reading.sums.size(), 1u);
    return reading.sums.begin()->second;
  }
  TrafficMetrics metrics_;
};

TEST_F(Traffic, SumsRowsOfOneKindToThePicodollar) {
  add(row_at(0));
  auto cut = row_at(1000);
  cut.usage_source = cache::UsageSource::partial;
  add(cut);
  const auto sums = only_sums();
  EXPECT_EQ(sums.requests, 2u);
  EXPECT_EQ(sums.estimated, 1u);
  EXPECT_EQ(sums.unpriced, 0u);
  EXPECT_EQ(sums.tokens[TokenClass::cache_write_5m], 2000u);
  EXPECT_EQ(sums.paid, 14);
  EXPECT_EQ(sums.uncached, 10);
}

TEST_F(Traffic, NamesModelsAsThePriceTableDoes) {
  add(row_at(0));
  auto made_up = row_at(1);
  made_up.model = "made-up-by-a-client";
  add(made_up);
  const auto reading = metrics_.read();
  ASSERT_EQ(reading.sums.size(), 2u);
  EXPECT_EQ(reading.sums.begin()->first.model, "claude-sonnet-5-5");
  EXPECT_EQ(std::next(reading.sums.begin())->first.model, "other");
}

TEST_F(Traffic, PutsTimesIntoTheirBuckets) {
  add(row_at(0));
  const auto times = metrics_.read().times.begin()->second;
  EXPECT_EQ(kDurationBounds[2], 0.04);
  EXPECT_EQ(times.first_byte.at_most[1], 0u);
  EXPECT_EQ(times.first_byte.at_most[2], 1u);
  EXPECT_EQ(times.duration.at_most[2], 0u);
  EXPECT_EQ(times.duration.at_most[3], 1u);
  EXPECT_EQ(times.input.sum, 1000);
  EXPECT_EQ(times.output.sum, 20);
}

TEST_F(Traffic, CountsWhyAKnowledgeBaseWasCold) {
  add(row_at(0));
  add(row_at(60'000));
  add(row_at(400'000));
  const auto sums = only_sums();
  const auto of = [&](CacheCause cause) { return sums.causes[static_cast<std::size_t>(cause)]; };
  EXPECT_EQ(of(CacheCause::first_use), 1u);
  EXPECT_EQ(of(CacheCause::unexplained), 1u);
  EXPECT_EQ(of(CacheCause::expired), 1u);
}

TEST_F(Traffic, HasNoCauseWithoutAKnowledgeBase) {
  auto row = row_at(0);
  row.kb.clear();
  add(row);
  for (const auto count : only_sums().causes) EXPECT_EQ(count, 0u);
}

TEST_F(Traffic, FindsAKindAgainAfterManyOthers) {
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 20; ++i) {
      auto row = row_at(round * 60'000 + i);
      row.kb = "kb" + std::to_string(i);
      add(row);
    }
  }
  const auto reading = metrics_.read();
  EXPECT_EQ(reading.sums.size(), 20u);
  for (const auto& [key, sums] : reading.sums) {
    EXPECT_EQ(sums.requests, 2u);
    EXPECT_EQ(sums.causes[static_cast<std::size_t>(CacheCause::first_use)], 1u);
  }
  EXPECT_EQ(reading.times.begin()->second.duration.count, 40u);
}

TEST_F(Traffic, StaysBoundedWhateverTheNames) {
  for (std::size_t i = 0; i < 3 * kMostTrafficSeries; ++i) {
    auto row = row_at(static_cast<std::int64_t>(i));
    row.kb = "kb" + std::to_string(i);
    add(row);
  }
  const auto reading = metrics_.read();
  EXPECT_EQ(reading.sums.size(), kMostTrafficSeries + 1);
  std::uint64_t requests = 0;
  for (const auto& [key, sums] : reading.sums) requests += sums.requests;
  EXPECT_EQ(requests, 3 * kMostTrafficSeries);
}

TEST(StatusClass, IsTheFirstDigit) {
  EXPECT_EQ(status_class(204), "2xx");
  EXPECT_EQ(status_class(529), "5xx");
  EXPECT_EQ(status_class(0), "none");
  EXPECT_EQ(status_class(999), "other");
}

}  // namespace
}  // namespace foreword::proxy
