#include "tools/replay/fixed_policies.h"

#include <vector>

#include <gtest/gtest.h>

#include "tools/replay/policies.h"
#include "unit/replay/small_traces.h"

namespace foreword::replay {
namespace {

using Marks = std::vector<Mark>;

Marks of_first(Policy& policy) {
  return policy.decide(0, 0).marks;
}

std::vector<std::string> names(const config::CacheTerms& terms) {
  std::vector<std::string> names;
  for (const auto& policy : policies(terms)) names.push_back(policy.name);
  return names;
}

TEST(MarkEnd, marks_the_last_block_even_if_it_is_cut_short) {
  const auto trace = make_trace({{0, run_of(1, 3), 100}});
  EXPECT_EQ(of_first(*mark_end(trace, 300)), (Marks{{3, 300}}));
}

TEST(MarkLastFull, leaves_out_a_block_that_is_cut_short) {
  const auto trace = make_trace({{0, run_of(1, 3), 511}});
  EXPECT_EQ(of_first(*mark_last_full(trace, 300)), (Marks{{2, 300}}));
}

TEST(MarkLastFull, marks_the_last_block_if_it_is_full) {
  const auto trace = make_trace({{0, run_of(1, 3), 512}});
  EXPECT_EQ(of_first(*mark_last_full(trace, 3600)), (Marks{{3, 3600}}));
}

TEST(MarkLastFull, marks_nothing_where_no_block_is_full) {
  const auto trace = make_trace({{0, {1}, 511}});
  EXPECT_EQ(of_first(*mark_last_full(trace, 300)), Marks{});
}

TEST(MarkHead, marks_what_an_earlier_request_had_too) {
  const auto trace = make_trace({{0, run_of(1, 30)}, {1, joined(run_of(1, 8), {99, 98})}});
  const auto policy = mark_head(trace, 300);
  of_first(*policy);
  EXPECT_EQ(policy->decide(1, 1).marks, (Marks{{8, 300}}));
}

TEST(MarkHead, marks_all_full_blocks_of_what_is_new) {
  const auto trace = make_trace({{0, run_of(1, 30), 100}});
  EXPECT_EQ(of_first(*mark_head(trace, 300)), (Marks{{29, 300}}));
}

TEST(MarkSpread, marks_every_twentieth_block_back_from_the_last_full_one) {
  const auto trace = make_trace({{0, run_of(1, 100), 100}});
  EXPECT_EQ(of_first(*mark_spread(trace, kMarked, 300)),
            (Marks{{39, 300}, {59, 300}, {79, 300}, {99, 300}}));
}

TEST(MarkSpread, marks_fewer_in_a_short_prompt) {
  const auto trace = make_trace({{0, run_of(1, 40)}});
  EXPECT_EQ(of_first(*mark_spread(trace, kMarked, 300)), (Marks{{20, 300}, {40, 300}}));
}

TEST(Policies, never_ask_for_what_a_provider_refuses) {
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    const auto trace = random_trace(seed, 30, 120);
    for (const auto& named : policies(kMarked)) {
      const auto policy = named.make(trace, kMarked);
      for (std::size_t i = 0; i < trace.size(); ++i) {
        const auto marks = policy->decide(i, trace[i].at).marks;
        EXPECT_EQ(refusal(marks, trace.segment_count(i), kMarked), std::nullopt) << named.name;
      }
    }
  }
}

TEST(Policies, are_named_after_the_times_to_live_that_there_are) {
  auto openai = kMarked;
  openai.ttl_short_s = 1800;
  openai.ttl_long_s = 43'200;
  EXPECT_EQ(names(openai),
            (std::vector<std::string>{"none", "automatic", "head-30m", "always-30m", "spread-30m",
                                      "head-12h", "always-12h", "spread-12h", "foreword",
                                      "foreword-without-pings"}));
}

TEST(Policies, are_none_and_automatic_where_nothing_can_be_marked) {
  EXPECT_EQ(names(kAutomatic), (std::vector<std::string>{"none", "automatic"}));
}

}  // namespace
}  // namespace foreword::replay
