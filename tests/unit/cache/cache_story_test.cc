// Why a knowledge base was in the provider's cache, or was not.
#include "cache/cache_story.h"

#include "cache/ledger.h"
#include "unit/cache/rows.h"
#include "unit/cache/store_fixture.h"

namespace foreword::cache {
namespace {

using namespace std::chrono_literals;
using config::TokenClass;
using test::smallest_row;

class Story : public test::StoreFixture {
 protected:
  /// A request with the knowledge base, so long after the first one.
  static LedgerRow request(std::chrono::milliseconds at, std::uint64_t read, std::uint64_t written,
                           TokenClass as = TokenClass::cache_write_5m) {
    auto row = smallest_row(at.count());
    row.model = "claude-sonnet-5-5";
    row.upstream = "anthropic";
    row.kb = "handbook";
    row.kb_version = "1";
    row.usage_source = UsageSource::reported;
    row.first_byte = 2s;
    row.tokens[TokenClass::cache_read] = read;
    row.tokens[as] = written;
    return row;
  }
  void before(const LedgerRow& row) {
    LedgerWriter(store(), 1s, [](std::string_view) {}).append(row);
  }
  CacheStory story(const LedgerRow& row) { return cache_story(store(), row).value(); }
  std::string_view cause(const LedgerRow& row) { return name_of(story(row).cause); }
};

TEST_F(Story, IsAFirstUseWhereNobodyWasBefore) {
  EXPECT_EQ(cause(request(0s, 0, 100)), "first_use");
}

TEST_F(Story, IsWarmOrExtendedWhereItWasRead) {
  before(request(0s, 0, 100));
  EXPECT_EQ(cause(request(60s, 100, 0)), "warm");
  const auto extended = story(request(60s, 100, 20));
  EXPECT_EQ(name_of(extended.cause), "extended");
  EXPECT_EQ(extended.before, request(0s, 0, 100).id);
  EXPECT_EQ(extended.since_before, 60s);
}

TEST_F(Story, IsExpiredAfterTheTimeToLiveOfWhatWasWritten) {
  before(request(0s, 0, 100));
  EXPECT_EQ(cause(request(299s, 0, 100)), "unexplained");
  EXPECT_EQ(cause(request(300s, 0, 100)), "expired");
}

TEST_F(Story, CountsTheTimeToLiveFromTheLastUse) {
  before(request(0s, 0, 100, TokenClass::cache_write_1h));
  before(request(3000s, 100, 0));
  EXPECT_EQ(cause(request(6599s, 0, 100)), "unexplained");
  const auto expired = story(request(6600s, 0, 100));
  EXPECT_EQ(name_of(expired.cause), "expired");
  EXPECT_EQ(expired.time_to_live, std::chrono::seconds(1h));
}

TEST_F(Story, IsTooSoonBeforeTheFirstByteOfTheRequestBefore) {
  before(request(0s, 0, 100));
  EXPECT_EQ(cause(request(1999ms, 0, 100)), "too_soon");
  EXPECT_EQ(cause(request(2000ms, 0, 100)), "unexplained");
}

TEST_F(Story, KnowsANewVersion) {
  before(request(0s, 0, 100));
  auto row = request(60s, 0, 100);
  row.kb_version = "2";
  EXPECT_EQ(cause(row), "new_version");
}

TEST_F(Story, LooksOnlyAtTheSameUpstreamModelAndKnowledgeBase) {
  for (auto field : {&LedgerRow::upstream, &LedgerRow::model, &LedgerRow::kb}) {
    auto other = request(1s, 0, 100);
    other.*field = "other";
    before(other);
  }
  EXPECT_EQ(cause(request(60s, 0, 100)), "first_use");
}

TEST_F(Story, LooksBackForADay) {
  before(request(0s, 0, 100));
  EXPECT_EQ(cause(request(24h, 0, 100)), "expired");
  EXPECT_EQ(cause(request(24h + 1ms, 0, 100)), "first_use");
}

TEST_F(Story, IsNoneWhereThereIsNothingToExplain) {
  auto row = request(0s, 0, 100);
  row.kb.clear();
  EXPECT_EQ(cause(row), "none");
  row = request(0s, 0, 0);
  EXPECT_EQ(cause(row), "not_cached");
  row.usage_source = UsageSource::none;
  EXPECT_EQ(cause(row), "none");
}

}  // namespace
}  // namespace foreword::cache
