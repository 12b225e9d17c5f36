#include "cache/misses.h"

#include <string>

#include <gtest/gtest.h>

#include "unit/cache/rows.h"
#include "unit/cache/store_fixture.h"

namespace foreword::cache::test {
namespace {

using config::TokenClass;

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::uint64_t kKbTokens = 100'000;
// claude-sonnet-5-5, picodollars a token.
constexpr config::PicodollarTotal kInput = 2'000'000;
constexpr config::PicodollarTotal kRead = 100'000;
constexpr config::PicodollarTotal kWrite = 2'500'000;

/// A prompt of a question alone.
LedgerRow question(std::int64_t ms, std::uint64_t tokens) {
  LedgerRow row = smallest_row(ms);
  row.upstream = "anthropic";
  row.model = "claude-sonnet-5-5";
  row.outcome = Outcome::complete;
  row.priced = true;
  row.first_byte = std::chrono::seconds(1);
  row.tokens[TokenClass::input] = tokens;
  return row;
}

/// Of a prompt with the knowledge base, all of which went to `token_class`.
LedgerRow with_kb(std::int64_t ms, TokenClass token_class) {
  LedgerRow row = question(ms, 10);
  row.kb = "handbook";
  row.kb_version = "version 1";
  row.placement = "inserted";
  row.kb_tokens_estimate = kKbTokens;
  row.tokens[token_class] += kKbTokens;
  return row;
}
LedgerRow written(std::int64_t ms) {
  return with_kb(ms, TokenClass::cache_write_5m);
}
LedgerRow read(std::int64_t ms) {
  return with_kb(ms, TokenClass::cache_read);
}

class MissesTest : public StoreFixture {
 protected:
  void record(const LedgerRow& row) { writer_.append(row); }
  [[nodiscard]] Misses misses(std::uint64_t most = kMaxWindowRows, const TimeRange& range = {}) {
    writer_.flush();
    return cache::misses(store(), range, config::ModelTable::built_in(), most).value();
  }
  /// The requests of each cause that has any, by name: "expired 1, ...".
  [[nodiscard]] std::string causes() {
    std::string text;
    const auto found = misses();
    for (std::size_t i = 0; i < kMissCauses; ++i) {
      const auto cause = static_cast<MissCause>(i);
      if (found.of(cause).requests == 0) continue;
      text += text.empty() ? "" : ", ";
      text += std::string(name_of(cause)) + " " + std::to_string(found.of(cause).requests);
    }
    return text;
  }

 private:
  LedgerWriter writer_{store(), std::chrono::hours(1), nullptr};
};

TEST_F(MissesTest, a_prompt_that_reads_its_knowledge_base_is_a_hit) {
  record(read(0));
  const auto found = misses();
  EXPECT_EQ(found.prompts, 1u);
  EXPECT_EQ(found.hits, 1u);
  EXPECT_EQ(causes(), "");
}

TEST_F(MissesTest, the_first_prompt_with_a_knowledge_base_has_to_write_it) {
  record(written(0));
  record(read(kMinuteMs));
  EXPECT_EQ(causes(), "first_use 1");
}

TEST_F(MissesTest, each_model_has_a_first_use_of_its_own) {
  record(written(0));
  auto other = written(kMinuteMs);
  other.model = "claude-opus-5-5";
  record(other);
  EXPECT_EQ(causes(), "first_use 2");
}

TEST_F(MissesTest, what_was_not_used_for_its_time_to_live_has_expired) {
  record(written(0));
  record(written(6 * kMinuteMs));
  EXPECT_EQ(causes(), "first_use 1, expired 1");
}

TEST_F(MissesTest, what_was_written_for_an_hour_is_kept_for_an_hour) {
  record(with_kb(0, TokenClass::cache_write_1h));
  record(written(6 * kMinuteMs));
  EXPECT_EQ(causes(), "first_use 1, unexplained 1");
}

TEST_F(MissesTest, what_was_read_is_kept_for_as_long_as_it_was_written_for) {
  record(with_kb(0, TokenClass::cache_write_1h));
  record(read(6 * kMinuteMs));
  record(written(12 * kMinuteMs));
  EXPECT_EQ(causes(), "first_use 1, unexplained 1");
}

TEST_F(MissesTest, where_nobody_says_for_how_long_it_is_the_models_shorter_time) {
  record(read(0));
  record(written(4 * kMinuteMs));
  record(read(5 * kMinuteMs));
  record(with_kb(11 * kMinuteMs, TokenClass::input));
  EXPECT_EQ(causes(), "expired 1, unexplained 1");
}

TEST_F(MissesTest, a_new_version_is_one_as_long_as_the_old_one_was_warm) {
  record(written(0));
  auto row = written(kMinuteMs);
  row.kb_version = "version 2";
  record(row);
  EXPECT_EQ(causes(), "first_use 1, new_version 1");
}

TEST_F(MissesTest, what_comes_before_the_answer_has_begun_cannot_read_yet) {
  record(written(0));
  record(written(900));
  EXPECT_EQ(causes(), "first_use 1, together 1");
}

TEST_F(MissesTest, a_refused_marker_is_a_cause_of_its_own) {
  record(written(0));
  auto row = with_kb(kMinuteMs, TokenClass::input);
  row.refused = "breakpoints";
  record(row);
  EXPECT_EQ(causes(), "first_use 1, refused 1");
}

TEST_F(MissesTest, an_estimate_that_is_a_little_too_high_is_no_miss) {
  auto row = read(0);
  row.tokens[TokenClass::cache_read] = kKbTokens - kKbTokens / 20;
  row.tokens[TokenClass::input] = kKbTokens / 20;
  record(row);
  EXPECT_EQ(misses().hits, 1u);
}

TEST_F(MissesTest, a_miss_costs_what_a_write_costs_beyond_a_read) {
  record(written(0));
  const auto miss = misses().of(MissCause::first_use);
  EXPECT_EQ(miss.tokens, kKbTokens);
  EXPECT_TRUE(miss.lost == config::PicodollarTotal{kKbTokens} * (kWrite - kRead));
}

TEST_F(MissesTest, a_knowledge_base_that_was_sent_plain_costs_input_beyond_a_read) {
  record(with_kb(0, TokenClass::input));
  EXPECT_TRUE(misses().of(MissCause::first_use).lost ==
              config::PicodollarTotal{kKbTokens} * (kInput - kRead));
}

TEST_F(MissesTest, prompts_without_a_knowledge_base_are_told_apart_by_their_length) {
  record(question(0, 100));
  record(question(1, 5'000));
  EXPECT_EQ(causes(), "too_short 1, not_asked_for 1");
  EXPECT_TRUE(misses().of(MissCause::too_short).lost == 0);
  EXPECT_TRUE(misses().of(MissCause::not_asked_for).lost ==
              config::PicodollarTotal{5'000} * (kInput - kRead));
}

TEST_F(MissesTest, a_knowledge_base_that_was_left_out_is_told) {
  auto row = question(0, 5'000);
  row.placement = "skipped_thread";
  record(row);
  EXPECT_EQ(causes(), "left_out 1");
}

TEST_F(MissesTest, an_answer_that_broke_off_was_paid_for) {
  auto row = read(0);
  row.outcome = Outcome::upstream_cut;
  row.cost_actual = 77;
  record(row);
  EXPECT_EQ(causes(), "broken_off 1");
  EXPECT_TRUE(misses().of(MissCause::broken_off).lost == 77);
}

TEST_F(MissesTest, rows_without_a_price_and_requests_that_still_run_say_nothing) {
  auto unpriced = written(0);
  unpriced.priced = false;
  record(unpriced);
  auto running = written(1);
  running.outcome = Outcome::provisional;
  record(running);
  EXPECT_EQ(misses().prompts, 0u);
  EXPECT_EQ(causes(), "");
}

TEST_F(MissesTest, looks_at_the_latest_rows_and_says_that_there_are_older_ones) {
  for (int i = 0; i < 5; ++i) record(read(i));
  const auto some = misses(3);
  EXPECT_EQ(some.window.rows, 3u);
  EXPECT_TRUE(some.window.is_cut);
  EXPECT_EQ(some.window.first, at_ms(2));
  EXPECT_EQ(some.window.last, at_ms(4));
  EXPECT_FALSE(misses(5).window.is_cut);
}

TEST_F(MissesTest, only_rows_of_the_range_count) {
  for (int i = 0; i < 5; ++i) record(read(i));
  const auto some = misses(kMaxWindowRows, {at_ms(1), at_ms(3)});
  EXPECT_EQ(some.prompts, 2u);
  EXPECT_FALSE(some.window.is_cut);
}

TEST_F(MissesTest, more_rows_than_are_read_at_once_are_all_looked_at) {
  for (std::uint64_t i = 0; i < 12'000; ++i) {
    auto row = read(static_cast<std::int64_t>(i / 3));
    row.id = make_request_id(row.started, 0, i);
    record(row);
  }
  EXPECT_EQ(misses().window.rows, 12'000u);
}

}  // namespace
}  // namespace foreword::cache::test
