// Rows without a price get theirs, in bounded steps; all others stay as they are.
#include "cache/reprice.h"

#include <vector>

#include "unit/cache/rows.h"
#include "unit/cache/store_fixture.h"

namespace foreword::cache {
namespace {

using test::at_ms;
using test::smallest_row;

class RepriceTest : public test::StoreFixture {
 protected:
  RepriceTest() : ledger_(store(), std::chrono::milliseconds(10), [](std::string_view) {}) {
    question_.rows = 100;
    question_.running_since = at_ms(1'000'000);
  }
  void add(LedgerRow row) {
    ledger_.append(row);
    ledger_.flush();
  }
  LedgerRow unpriced(std::int64_t milliseconds) {
    auto row = smallest_row(milliseconds);
    row.model = "gpt-99";
    row.outcome = Outcome::complete;
    return row;
  }
  Repriced run() {
    const auto done = reprice(store(), ledger_, question_, [this](LedgerRow& row) {
      asked_.push_back(row.id);
      if (row.model != "gpt-99") return;
      row.priced = true;
      row.cost_actual = 7;
    });
    EXPECT_TRUE(done) << done.error().message;
    ledger_.flush();
    return *done;
  }
  LedgerRow stored(const LedgerRow& row) { return find_row(store(), row.id).value().value(); }

  LedgerWriter ledger_;
  RepriceQuestion question_;
  std::vector<RequestId> asked_;
};

TEST_F(RepriceTest, PricesARowThatHadNoPrice) {
  const auto row = unpriced(1);
  add(row);
  EXPECT_EQ(run().priced, 1u);
  EXPECT_TRUE(stored(row).priced);
  EXPECT_EQ(stored(row).cost_actual, 7);
}

TEST_F(RepriceTest, DoesNotTouchARowThatHasAPrice) {
  auto row = unpriced(1);
  row.priced = true;
  row.cost_actual = 3;
  add(row);
  EXPECT_EQ(run().priced, 0u);
  EXPECT_TRUE(asked_.empty());
  EXPECT_EQ(stored(row).cost_actual, 3);
}

TEST_F(RepriceTest, CountsWhatStillHasNoPrice) {
  auto row = unpriced(1);
  row.model = "unknown";
  add(row);
  EXPECT_EQ(run().unpriced, 1u);
}

// Its request will settle it; written over here, its usage would be lost.
TEST_F(RepriceTest, LeavesARowThatMayStillBeSettled) {
  auto running = unpriced(2'000'000);
  running.outcome = Outcome::provisional;
  auto killed = unpriced(1);
  killed.outcome = Outcome::provisional;
  add(running);
  add(killed);
  EXPECT_EQ(run().priced, 1u);
  EXPECT_FALSE(stored(running).priced);
  EXPECT_TRUE(stored(killed).priced);
}

TEST_F(RepriceTest, LooksAtNoMoreRowsThanItIsTold) {
  for (int i = 0; i < 5; ++i) add(unpriced(i));
  question_.rows = 2;
  std::uint64_t rounds = 0;
  std::uint64_t priced = 0;
  do {
    const auto done = run();
    EXPECT_LE(done.looked_at, 2u);
    priced += done.priced;
    question_.first = done.next;
    ++rounds;
  } while (question_.first && rounds < 10);
  EXPECT_EQ(priced, 5u);
  EXPECT_EQ(rounds, 3u);
}

TEST_F(RepriceTest, GoesOnBehindNothing) {
  EXPECT_EQ(run().looked_at, 0u);
  EXPECT_EQ(run().next, std::nullopt);
}

}  // namespace
}  // namespace foreword::cache
