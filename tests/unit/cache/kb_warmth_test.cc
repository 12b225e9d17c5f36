#include "cache/kb_warmth.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/cache/rows.h"
#include "unit/cache/store_fixture.h"

namespace foreword::cache::test {
namespace {

using config::TokenClass;
using std::chrono::minutes;

class KbWarmthTest : public StoreFixture {
 protected:
  void record(minutes at, TokenClass token_class, const std::string& model = "claude-sonnet-5-5") {
    LedgerRow row = smallest_row(std::chrono::milliseconds(at).count());
    row.upstream = "anthropic";
    row.model = model;
    if (model.starts_with("gemini")) row.provider = config::Provider::gemini;
    row.kb = "handbook";
    row.kb_version = "version 1";
    row.tokens[token_class] = 1'000;
    writer_.append(row);
  }
  [[nodiscard]] std::vector<KbWarmth> warmth() {
    writer_.flush();
    return kb_warmth(store(), config::ModelTable::built_in(), at_ms(0) + std::chrono::hours(1))
        .value();
  }

 private:
  LedgerWriter writer_{store(), std::chrono::hours(1), nullptr};
};

TEST_F(KbWarmthTest, lasts_from_the_last_use_on) {
  record(minutes(0), TokenClass::cache_write_5m);
  record(minutes(4), TokenClass::cache_read);
  const auto found = warmth();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kb, "handbook");
  EXPECT_EQ(found[0].last_used, at_ms(0) + minutes(4));
  EXPECT_EQ(found[0].warm_until, at_ms(0) + minutes(9));
  EXPECT_TRUE(found[0].promised);
}

TEST_F(KbWarmthTest, a_read_keeps_what_was_written_for_an_hour_for_an_hour) {
  record(minutes(0), TokenClass::cache_write_1h);
  record(minutes(10), TokenClass::cache_read);
  EXPECT_EQ(warmth()[0].warm_until, at_ms(0) + minutes(70));
}

TEST_F(KbWarmthTest, a_later_write_decides_for_how_long) {
  record(minutes(0), TokenClass::cache_write_1h);
  record(minutes(10), TokenClass::cache_write_5m);
  EXPECT_EQ(warmth()[0].warm_until, at_ms(0) + minutes(15));
}

TEST_F(KbWarmthTest, a_prompt_that_neither_read_nor_wrote_warms_nothing) {
  record(minutes(0), TokenClass::input);
  EXPECT_TRUE(warmth().empty());
}

TEST_F(KbWarmthTest, each_model_has_its_own_and_a_cache_without_marks_promises_nothing) {
  record(minutes(0), TokenClass::cache_read);
  record(minutes(1), TokenClass::cache_read, "gemini-3.8-flash");
  const auto found = warmth();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].model, "gemini-3.8-flash");
  EXPECT_FALSE(found[1].promised);
}

TEST_F(KbWarmthTest, uses_of_yesterday_are_not_looked_at) {
  record(minutes(-24 * 60), TokenClass::cache_read);
  EXPECT_TRUE(warmth().empty());
}

}  // namespace
}  // namespace foreword::cache::test
