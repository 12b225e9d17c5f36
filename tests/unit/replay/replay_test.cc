// The order of things: what is sent when, and what is told to whom.
#include "tools/replay/replay.h"

#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <stdexcept>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/temp_dir.h"
#include "tools/replay/fixed_policies.h"
#include "unit/replay/small_traces.h"

namespace foreword::replay {
namespace {

constexpr std::int32_t kShort = 300;

const config::Model& model_named(config::Provider provider, const std::string& name) {
  return *config::ModelTable::built_in().find(provider, name);
}

/// Does as it is told, and remembers what it was asked and told.
class Script : public Policy {
 public:
  Decision decide(std::size_t i, double now) override {
    log += fmt::format("?{}@{:g} ", i, now);
    if (const auto wait = waits.find(i); wait != waits.end() && now < wait->second) {
      return {.marks = {}, .wait_until = wait->second};
    }
    return {.marks = marks};
  }
  void sent(std::size_t i, double now, const Billed& billed, double visible_at) override {
    log += fmt::format("!{}@{:g} ", i, now);
    last_billed = billed;
    last_visible_at = visible_at;
  }
  std::optional<Ping> next_ping(double until) override {
    if (next == pings.size() || pings[next].at > until) return std::nullopt;
    return pings[next++];
  }
  void pinged(const Ping& ping, const Billed& billed) override {
    log += fmt::format("*{}@{:g} ", ping.request, ping.at);
    last_billed = billed;
  }
  void ping_refused(const Ping& ping) override {
    log += fmt::format("x{}@{:g} ", ping.request, ping.at);
  }

  std::vector<Mark> marks;
  std::map<std::size_t, double> waits;
  std::vector<Ping> pings;
  std::size_t next = 0;
  std::string log;
  Billed last_billed;
  double last_visible_at = 0;
};

class Replay : public testing::Test {
 protected:
  Outcome replay(const std::vector<SmallRequest>& requests) {
    trace_ = make_trace(requests);
    const Pricing pricing{config::ModelTable::built_in(),
                          model_named(config::Provider::anthropic, model_), now_, pings_per_day_};
    return run(trace_, kMarked, pricing, policy_, plan_ ? &*plan_ : nullptr);
  }

  std::string plan_of(const std::vector<SmallRequest>& requests) {
    const auto file = folder_.path() / "plan.jsonl";
    plan_.emplace(file);
    replay(requests);
    EXPECT_EQ(plan_->finish(), std::nullopt);
    std::ifstream input(file);
    return {std::istreambuf_iterator<char>(input), {}};
  }

  Script policy_;
  Trace trace_;
  std::string model_ = "claude-sonnet-5";
  config::TimePoint now_{};
  std::optional<config::Picodollars> pings_per_day_;
  test::TempDir folder_;
  std::optional<PlanWriter> plan_;
};

TEST_F(Replay, sends_in_the_order_of_time) {
  replay({{2, {1}}, {1, {2}}});
  EXPECT_EQ(policy_.log, "?0@1 !0@1 ?1@2 !1@2 ");
}

TEST_F(Replay, asks_again_for_a_request_that_waits_when_its_time_has_come) {
  policy_.waits[0] = 1.5;
  replay({{1, {1}}, {1.2, {2}}, {2, {3}}});
  EXPECT_EQ(policy_.log, "?0@1 ?1@1.2 !1@1.2 ?0@1.5 !0@1.5 ?2@2 !2@2 ");
}

TEST_F(Replay, sends_what_waits_behind_the_last_arrival_too) {
  policy_.waits[1] = 9;
  replay({{1, {1}}, {2, {2}}});
  EXPECT_EQ(policy_.log, "?0@1 !0@1 ?1@2 ?1@9 !1@9 ");
}

TEST_F(Replay, adds_up_how_long_requests_were_held_back) {
  policy_.waits = {{0, 1.5}, {1, 4}};
  const auto outcome = replay({{1, {1}}, {2, {2}}, {3, {3}}});
  EXPECT_EQ(outcome.waited, 2u);
  EXPECT_NEAR(outcome.mean_wait_s(3), 2.5 / 3, 1e-5);
  EXPECT_NEAR(outcome.longest_wait_s, 2, 1e-5);
}

TEST_F(Replay, lets_a_request_read_what_it_waited_for) {
  policy_.marks = {{4, kShort}};
  const auto first_byte_at = 0.4 + 2048.0 / 12'000;
  policy_.waits[1] = first_byte_at;
  const auto outcome = replay({{0, run_of(1, 4)}, {0, run_of(1, 4)}});
  EXPECT_EQ(outcome.billed, (Billed{.read = 2048, .write_short = 2048}));
}

TEST_F(Replay, tells_what_was_billed_and_when_the_first_byte_comes) {
  policy_.marks = {{3, kShort}};
  replay({{1, run_of(1, 4)}});
  EXPECT_EQ(policy_.last_billed, (Billed{.input = 512, .write_short = 1536}));
  EXPECT_DOUBLE_EQ(policy_.last_visible_at, 1.4 + 2048.0 / 12'000);
}

TEST_F(Replay, pings_between_requests_in_the_order_of_time) {
  policy_.marks = {{4, kShort}};
  policy_.pings = {{0, 4, 250, kShort}, {0, 4, 500, kShort}};
  replay({{0, run_of(1, 4)}, {300, run_of(9, 4)}, {700, run_of(1, 4)}});
  EXPECT_EQ(policy_.log, "?0@0 !0@0 *0@250 ?1@300 !1@300 *0@500 ?2@700 !2@700 ");
}

TEST_F(Replay, charges_pings_apart_and_with_the_bill) {
  policy_.marks = {{4, kShort}};
  policy_.pings = {{0, 4, 250, kShort}};
  const auto outcome = replay({{0, run_of(1, 4)}, {500, run_of(1, 4)}});
  EXPECT_EQ(outcome.pings, 1u);
  EXPECT_EQ(outcome.pings_billed, (Billed{.read = 2048}));
  EXPECT_EQ(outcome.billed, (Billed{.read = 2048, .write_short = 2048}));
  EXPECT_DOUBLE_EQ(outcome.bill(kMarked), (1.25 + 0.1 + 0.1) / 2);
}

TEST_F(Replay, pings_no_more_a_day_than_the_cap_allows) {
  constexpr std::int32_t kLong = 3600;
  constexpr double kDay = 86'400;
  policy_.marks = {{4, kLong}};
  policy_.pings = {
      {0, 4, 3000, kLong}, {0, 4, 6000, kLong}, {0, 4, 9000, kLong}, {1, 4, kDay + 3000, kLong}};
  // In millionths of a dollar: a read of 2048 tokens costs 409.6, and 8192 if it has to write them.
  pings_per_day_ = 8'900'000'000;
  const auto outcome =
      replay({{0, run_of(1, 4)}, {kDay, run_of(1, 4)}, {kDay + 4000, run_of(1, 4)}});
  EXPECT_EQ(policy_.log,
            "?0@0 !0@0 *0@3000 *0@6000 x0@9000 ?1@86400 !1@86400 *1@89400 ?2@90400 !2@90400 ");
  EXPECT_EQ(outcome.pings, 3u);
}

TEST_F(Replay, counts_what_was_read_as_hits) {
  policy_.marks = {{4, kShort}};
  EXPECT_DOUBLE_EQ(replay({{0, run_of(1, 4)}, {10, run_of(1, 6)}}).hit_rate(), 0.4);
}

TEST_F(Replay, costs_what_the_price_table_says) {
  policy_.marks = {{4, kShort}};
  const auto outcome = replay({{0, run_of(1, 4)}, {10, run_of(1, 4)}});
  // 2 USD a million tokens: 2'000'000 picodollars each, 2'500'000 to write and 200'000 to read.
  EXPECT_EQ(static_cast<std::int64_t>(outcome.cost), 2048LL * 2'700'000);
  EXPECT_EQ(static_cast<std::int64_t>(outcome.cost_uncached), 2048LL * 4'000'000);
}

TEST_F(Replay, costs_more_where_a_prompt_is_long) {
  model_ = "claude-haiku-5-5";  // five times as much above 100'000 tokens
  const auto outcome = replay({{0, run_of(1, 200)}});
  EXPECT_EQ(static_cast<std::int64_t>(outcome.cost), 102'400LL * 500'000);
}

TEST(ReplayAtOpenAi, prices_writes_for_thirty_minutes_and_twelve_hours) {
  const auto& model = model_named(config::Provider::openai, "gpt-6.2-sol");
  const auto terms = config::cache_terms(model, {});
  const auto trace = make_trace({{0, run_of(1, 8)}});
  Script policy;
  policy.marks = {{4, 43'200}, {6, 1800}};
  const Pricing pricing{config::ModelTable::built_in(), model, {}};
  const auto outcome = run(trace, terms, pricing, policy, nullptr);
  EXPECT_EQ(static_cast<std::int64_t>(outcome.cost),
            2048LL * 5'000'000 + 1024LL * 2'500'000 + 1024LL * 2'000'000);
}

TEST_F(Replay, refuses_a_policy_that_asks_for_what_no_provider_takes) {
  policy_.marks = {{5, kShort}};
  EXPECT_THROW(replay({{0, run_of(1, 4)}}), std::logic_error);
}

TEST_F(Replay, refuses_a_ping_of_what_was_not_sent_yet) {
  policy_.pings = {{1, 4, 5, kShort}};
  EXPECT_THROW(replay({{0, run_of(1, 4)}, {10, run_of(1, 4)}}), std::logic_error);
}

TEST_F(Replay, refuses_a_ping_in_the_past) {
  policy_.pings = {{0, 4, 15, kShort}, {0, 4, 5, kShort}};
  EXPECT_THROW(replay({{0, run_of(1, 4)}, {20, run_of(1, 4)}, {30, run_of(1, 4)}}),
               std::logic_error);
}

TEST_F(Replay, writes_what_was_sent_with_places_of_the_file) {
  policy_.marks = {{2, 3600}, {4, kShort}};
  policy_.pings = {{0, 4, 2.25, kShort}};
  EXPECT_EQ(plan_of({{3, run_of(1, 4)}, {1.5, run_of(1, 4)}}),
            R"({"i": 1, "t": 1.500000, "marks": [[2, 3600], [4, 300]]})"
            "\n"
            R"({"ping": 1, "k": 4, "t": 2.250000, "ttl": 300})"
            "\n"
            R"({"i": 0, "t": 3.000000, "marks": [[2, 3600], [4, 300]]})"
            "\n");
}

TEST_F(Replay, writes_an_empty_list_where_nothing_is_marked) {
  EXPECT_EQ(plan_of({{0, {1}}}), "{\"i\": 0, \"t\": 0.000000, \"marks\": []}\n");
}

TEST_F(Replay, writes_the_time_at_which_a_request_was_sent_rounded_to_behind_what_it_waited_for) {
  policy_.waits[0] = 1.2345674;
  EXPECT_EQ(plan_of({{1, {1}}}), "{\"i\": 0, \"t\": 1.234568, \"marks\": []}\n");
}

TEST(PlanWriter, tells_when_the_file_cannot_be_written) {
  PlanWriter plan("/no/such/folder/plan.jsonl");
  const auto error = plan.finish();
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->message,
            "cannot write the plan to /no/such/folder/plan.jsonl: No such file or directory");
}

TEST(PlanWriter, tells_when_the_disk_is_full) {
  PlanWriter plan("/dev/full");
  plan.sent(0, 0, {});
  const auto error = plan.finish();
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->message, "cannot write the plan to /dev/full: No space left on device");
}

}  // namespace
}  // namespace foreword::replay
