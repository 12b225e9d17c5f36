// The rule by which a miss has its reason, and what is learned of the use before.
#include "cache/why_missed.h"

#include <gtest/gtest.h>

#include "unit/cache/rows.h"

namespace foreword::cache::test {
namespace {

using namespace std::chrono_literals;
using config::TokenClass;

/// A use at `at` of version "1", whose answer began after two seconds.
CacheUse used(std::chrono::milliseconds at, std::optional<std::chrono::seconds> time_to_live) {
  return {at_ms(at.count()), 2s, "1", time_to_live};
}

struct Missed {
  const char* name;
  std::chrono::milliseconds gap;  // since a use of version "1"
  const char* version;
  std::optional<std::chrono::seconds> time_to_live;
  MissReason reason;
};
std::ostream& operator<<(std::ostream& out, const Missed& missed) {
  return out << missed.name;
}

class WhyMissed : public testing::TestWithParam<Missed> {};

TEST_P(WhyMissed, is_by_the_use_before) {
  const auto& missed = GetParam();
  const auto before = used(0s, missed.time_to_live);
  EXPECT_EQ(why_missed(at_ms(missed.gap.count()), missed.version, before), missed.reason);
}

INSTANTIATE_TEST_SUITE_P(
    Rule, WhyMissed,
    testing::Values(
        Missed{"before_the_answer_began", 1999ms, "1", 300s, MissReason::too_soon},
        Missed{"when_it_began", 2000ms, "1", 300s, MissReason::unexplained},
        Missed{"just_before_it_expires", 299'999ms, "1", 300s, MissReason::unexplained},
        Missed{"when_it_expires", 300s, "1", 300s, MissReason::expired},
        Missed{"after_a_time_nobody_knows", 9000s, "1", std::nullopt, MissReason::unexplained},
        Missed{"a_new_version", 60s, "2", 300s, MissReason::new_version},
        Missed{"a_new_version_of_what_had_expired", 300s, "2", 300s, MissReason::expired},
        Missed{"a_new_version_before_the_answer_began", 1s, "2", 300s, MissReason::new_version}),
    [](const auto& missed) { return std::string(missed.param.name); });

TEST(WhyMissedRule, without_a_use_before_is_a_first_use) {
  EXPECT_EQ(why_missed(at_ms(0), "1", std::nullopt), MissReason::first_use);
}

LedgerRow row(std::int64_t ms, std::optional<TokenClass> wrote, const std::string& version = "1") {
  auto made = smallest_row(ms);
  made.kb_version = version;
  if (wrote) made.tokens[*wrote] = 100;
  return made;
}

/// Both ways through the same ledger, oldest first.
std::optional<CacheUse> learned(const std::vector<LedgerRow>& rows) {
  std::optional<CacheUse> forwards;
  for (const auto& each : rows) forwards = cache_use(each, forwards);
  std::optional<CacheUse> backwards;
  for (auto each = rows.rbegin(); each != rows.rend(); ++each) {
    if (!learn_backwards(*each, backwards)) break;
  }
  EXPECT_EQ(forwards->started, backwards->started);
  EXPECT_EQ(forwards->kb_version, backwards->kb_version);
  EXPECT_EQ(forwards->time_to_live, backwards->time_to_live);
  return backwards;
}

TEST(LastUse, lives_as_long_as_what_it_read_was_written_for) {
  const auto use = learned({row(0, TokenClass::cache_write_1h), row(1, {}), row(2, {})});
  EXPECT_EQ(use->started, at_ms(2));
  EXPECT_EQ(use->time_to_live, 1h);
}

TEST(LastUse, lives_as_long_as_what_was_written_last) {
  EXPECT_EQ(learned({row(0, TokenClass::cache_write_1h), row(1, TokenClass::cache_write_5m)})
                ->time_to_live,
            5min);
}

TEST(LastUse, of_a_new_version_says_nothing_of_the_old_ones_life) {
  EXPECT_FALSE(learned({row(0, TokenClass::cache_write_1h), row(1, {}, "2")})->time_to_live);
}

}  // namespace
}  // namespace foreword::cache::test
