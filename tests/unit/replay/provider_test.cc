// Each published rule by a bill that was worked out by hand.
#include "tools/replay/provider.h"

#include <gtest/gtest.h>

#include "unit/replay/small_traces.h"

namespace foreword::replay {
namespace {

constexpr std::int32_t kShort = 300;
constexpr std::int32_t kLong = 3600;
/// Behind the first byte of everything that these tests send before.
constexpr double kSoon = 10;

/// The same prompt of `segments` full blocks, again and again.
Trace same_prompts(std::size_t segments, std::size_t times) {
  std::vector<SmallRequest> requests(times);
  for (auto& request : requests) request.ids = run_of(1, segments);
  return make_trace(requests);
}

class Provider : public testing::Test {
 protected:
  explicit Provider(Trace trace = same_prompts(40, 4), const config::CacheTerms& terms = kMarked)
      : trace_(std::move(trace)), provider_(trace_, terms) {}

  Answer send(std::size_t i, const std::vector<Mark>& marks, double now) {
    return provider_.send(i, trace_.segment_count(i), marks, now);
  }
  /// Segments that were read.
  std::uint64_t read(std::size_t i, const std::vector<Mark>& marks, double now) {
    return send(i, marks, now).billed.read / kBlockTokens;
  }

  Trace trace_;
  VirtualProvider provider_;
};

TEST_F(Provider, charges_plain_input_without_marks) {
  EXPECT_EQ(send(0, {}, 0).billed, (Billed{.input = 40 * 512}));
  EXPECT_EQ(send(1, {}, kSoon).billed, (Billed{.input = 40 * 512}));
}

TEST_F(Provider, writes_up_to_the_mark_and_charges_the_rest_plain) {
  EXPECT_EQ(send(0, {{30, kShort}}, 0).billed,
            (Billed{.input = 10 * 512, .write_short = 30 * 512}));
}

TEST_F(Provider, reads_what_was_written) {
  send(0, {{30, kShort}}, 0);
  EXPECT_EQ(send(1, {{30, kShort}}, kSoon).billed, (Billed{.input = 10 * 512, .read = 30 * 512}));
}

TEST_F(Provider, writes_nothing_between_marks) {
  send(0, {{30, kShort}}, 0);
  EXPECT_EQ(read(1, {{29, kShort}}, kSoon), 0u);
}

TEST_F(Provider, looks_back_twenty_positions_with_the_marks_own) {
  send(0, {{11, kShort}}, 0);
  EXPECT_EQ(read(1, {{30, kShort}}, kSoon), 11u);
}

TEST_F(Provider, looks_back_no_further) {
  send(0, {{10, kShort}}, 0);
  EXPECT_EQ(read(1, {{30, kShort}}, kSoon), 0u);
}

TEST_F(Provider, looks_back_from_each_mark) {
  send(0, {{5, kShort}}, 0);
  EXPECT_EQ(read(1, {{6, kShort}, {40, kShort}}, kSoon), 5u);
}

TEST_F(Provider, reads_the_longest_entry) {
  send(0, {{10, kShort}, {20, kShort}}, 0);
  EXPECT_EQ(read(1, {{10, kShort}, {22, kShort}}, kSoon), 20u);
}

TEST_F(Provider, cannot_read_before_the_writers_first_byte) {
  // 40 x 512 tokens, none of them cached: 0.4 s + 20480 / 12000 s.
  EXPECT_DOUBLE_EQ(send(0, {{40, kShort}}, 0).first_byte_at, 0.4 + 20480.0 / 12000);
  EXPECT_EQ(read(1, {{40, kShort}}, 2.106), 0u);
}

TEST_F(Provider, can_read_from_the_writers_first_byte_on) {
  const auto first_byte_at = send(0, {{40, kShort}}, 0).first_byte_at;
  EXPECT_EQ(read(1, {{40, kShort}}, first_byte_at), 40u);
}

TEST_F(Provider, answers_sooner_by_what_is_read) {
  send(0, {{30, kShort}}, 0);
  EXPECT_DOUBLE_EQ(send(1, {{30, kShort}}, kSoon).first_byte_at, kSoon + 0.4 + 5120.0 / 12000);
}

TEST_F(Provider, keeps_an_entry_for_its_time_from_the_start_of_the_request) {
  send(0, {{40, kShort}}, 0);
  EXPECT_EQ(read(1, {{40, kShort}}, 299.9), 40u);
}

TEST_F(Provider, forgets_an_entry_when_its_time_is_over) {
  send(0, {{40, kShort}}, 0);
  EXPECT_EQ(read(1, {{40, kShort}}, 300), 0u);
}

TEST_F(Provider, keeps_an_entry_for_an_hour_where_that_was_asked_for) {
  send(0, {{40, kLong}}, 0);
  EXPECT_EQ(read(1, {{40, kLong}}, 3599), 40u);
}

TEST_F(Provider, renews_what_is_read) {
  send(0, {{40, kShort}}, 0);
  send(1, {{40, kShort}}, 290);
  EXPECT_EQ(read(2, {{40, kShort}}, 580), 40u);
}

TEST_F(Provider, renews_what_a_look_back_finds) {
  send(0, {{30, kShort}}, 0);
  send(1, {{40, kShort}}, 290);
  EXPECT_EQ(read(2, {{30, kShort}}, 580), 30u);
}

TEST_F(Provider, renews_what_is_marked_in_front_of_what_is_read) {
  send(0, {{10, kShort}, {40, kShort}}, 0);
  send(1, {{10, kShort}, {40, kShort}}, 290);
  EXPECT_EQ(read(2, {{10, kShort}}, 580), 10u);
}

TEST_F(Provider, renews_for_the_time_that_was_asked_for_at_the_write) {
  send(0, {{40, kLong}}, 0);
  send(1, {{40, kShort}}, 3500);
  EXPECT_EQ(read(2, {{40, kShort}}, 7000), 40u);
}

TEST_F(Provider, charges_long_writes_up_to_the_last_long_mark_and_short_ones_behind) {
  send(0, {{10, kLong}}, 0);
  EXPECT_EQ(
      send(1, {{10, kLong}, {20, kLong}, {35, kShort}}, kSoon).billed,
      (Billed{
          .input = 5 * 512, .read = 10 * 512, .write_short = 15 * 512, .write_long = 10 * 512}));
}

TEST_F(Provider, leaves_an_entry_to_the_first_of_two_that_write_it) {
  const auto first_byte_at = send(0, {{40, kShort}}, 0).first_byte_at;
  send(1, {{40, kShort}}, 1);
  EXPECT_EQ(read(2, {{40, kShort}}, first_byte_at), 40u);
}

TEST_F(Provider, caches_a_ping_like_a_request_that_ends_at_its_mark) {
  const std::vector<Mark> mark{{30, kShort}};
  EXPECT_EQ(provider_.send(0, 30, mark, 0).billed, (Billed{.write_short = 30 * 512}));
  EXPECT_EQ(provider_.send(0, 30, mark, kSoon).billed, (Billed{.read = 30 * 512}));
  EXPECT_EQ(read(1, mark, 305), 30u);
}

class ShortPrompts : public Provider {
 protected:
  ShortPrompts() : Provider(make_trace({{0, {1, 2}, 511}, {0, {1, 2}, 511}, {0, {1, 3}, 512}})) {}
};

TEST_F(ShortPrompts, are_not_written) {
  EXPECT_EQ(send(0, {{2, kShort}}, 0).billed, (Billed{.input = 1023}));
  EXPECT_EQ(send(1, {{2, kShort}}, kSoon).billed, (Billed{.input = 1023}));
}

TEST_F(ShortPrompts, are_written_from_the_minimum_on) {
  EXPECT_EQ(send(2, {{1, kShort}, {2, kShort}}, 0).billed, (Billed{.write_short = 1024}));
}

class AutomaticProvider : public Provider {
 protected:
  AutomaticProvider()
      : Provider(make_trace({{0, {1, 2, 3, 4}, 100},
                             {0, {1, 2, 3, 5}, 100},
                             {0, {1, 6, 7}, 512},
                             {0, {1, 2, 8}, 512}}),
                 kAutomatic) {}
};

TEST_F(AutomaticProvider, reads_the_longest_common_front_and_writes_for_nothing) {
  EXPECT_EQ(send(0, {}, 0).billed, (Billed{.input = 1636}));
  EXPECT_EQ(send(1, {}, kSoon).billed, (Billed{.input = 100, .read = 1536}));
}

TEST_F(AutomaticProvider, reads_nothing_below_the_minimum) {
  send(0, {}, 0);
  EXPECT_EQ(read(2, {}, kSoon), 0u);
}

TEST_F(AutomaticProvider, renews_what_is_read_and_only_that) {
  send(0, {}, 0);
  send(3, {}, 590);
  EXPECT_EQ(read(1, {}, 1000), 2u);
}

TEST_F(AutomaticProvider, forgets_what_is_idle) {
  send(0, {}, 0);
  EXPECT_EQ(read(1, {}, 600), 0u);
}

TEST(UnlimitedLookBack, finds_an_entry_however_far_in_front) {
  auto terms = kMarked;
  terms.lookback = config::kUnlimitedLookback;
  const auto trace = same_prompts(40, 2);
  VirtualProvider provider(trace, terms);
  provider.send(0, 40, std::vector<Mark>{{2, kShort}}, 0);
  EXPECT_EQ(provider.send(1, 40, std::vector<Mark>{{40, kShort}}, kSoon).billed.read, 1024u);
}

TEST(Bill, weighs_each_class_by_its_price) {
  const Billed billed{.input = 1000, .read = 1000, .write_short = 1000, .write_long = 1000};
  EXPECT_DOUBLE_EQ(billed.units(kMarked), 1000 + 100 + 1250 + 2000);
}

TEST(Refusal, lets_four_ascending_marks_pass_the_long_ones_in_front) {
  const std::vector<Mark> marks{{1, kLong}, {2, kLong}, {3, kShort}, {40, kShort}};
  EXPECT_EQ(refusal(marks, 40, kMarked), std::nullopt);
}

TEST(Refusal, names_more_marks_than_are_allowed) {
  const std::vector<Mark> marks{{1, kShort}, {2, kShort}, {3, kShort}, {4, kShort}, {5, kShort}};
  EXPECT_EQ(refusal(marks, 40, kMarked), "5 marks where 4 are allowed");
}

TEST(Refusal, names_a_mark_outside_of_the_prompt) {
  EXPECT_EQ(refusal(std::vector<Mark>{{41, kShort}}, 40, kMarked), "a mark at 41 of 40 segments");
  EXPECT_EQ(refusal(std::vector<Mark>{{0, kShort}}, 40, kMarked), "a mark at 0 of 40 segments");
}

TEST(Refusal, names_a_time_to_live_that_is_not_sold) {
  EXPECT_EQ(refusal(std::vector<Mark>{{4, 1800}}, 40, kMarked), "a time to live of 1800 s");
}

TEST(Refusal, names_marks_that_do_not_ascend) {
  EXPECT_EQ(refusal(std::vector<Mark>{{4, kShort}, {4, kShort}}, 40, kMarked),
            "a mark at 4 behind one at 4");
}

TEST(Refusal, names_a_short_mark_in_front_of_a_long_one) {
  EXPECT_EQ(refusal(std::vector<Mark>{{4, kShort}, {5, kLong}}, 40, kMarked),
            "a mark for 3600 s behind one for 300 s");
}

}  // namespace
}  // namespace foreword::replay
