// A knowledge base that its settings keep warm: read once more just before it would be forgotten.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kRead =
    R"({"model":"claude-sonnet-5","usage":{"input_tokens":3,"cache_read_input_tokens":9000,)"
    R"("output_tokens":0}})";
constexpr std::string_view kWritten =
    R"({"model":"claude-sonnet-5","usage":{"input_tokens":3,"cache_creation_input_tokens":9000,)"
    R"("output_tokens":0}})";

/// Beside the knowledge base "docs" there is one, "clock", that is always kept warm: when it has
/// been pinged, "docs" has been looked at too.
class KeepWarm : public testing::Test {
 protected:
  void start(config::Picodollars per_day) {
    proxy_.restart([&](proxy::ServerOptions& options) {
      options.settings.kbs = {kb("clock", 1000 * config::kPicodollarsPerDollar),
                              kb("docs", per_day)};
      options.upstream_keys = {{"anthropic", "sk-own"}};
    });
    proxy_.load_kb("clock", {{"clock.txt", pattern(20'000)}});
    proxy_.load_kb("docs", {{"docs.txt", pattern(30'000)}});
  }
  static config::KbSettings kb(const char* name, config::Picodollars per_day) {
    config::KbSettings settings;
    settings.name = name;
    settings.keep_warm_per_day = per_day;
    return settings;
  }
  void ask_question(const std::string& more = "") {
    for (const std::string name : {"docs", "clock"}) ask_about(name, more);
  }
  void ask_about(const std::string& kb, const std::string& more = "") {
    const auto answer = ask(proxy_, post("/kb/" + kb + "/v1/messages",
                                         R"({"model":"claude-sonnet-5",)" + more +
                                             R"("messages":[{"role":"user","content":"?"}]})"));
    EXPECT_EQ(answer.status(), 200);
  }
  /// Lets that time pass, but for a moment, and waits until the ping of the clock, and any other,
  /// has been learned from.
  void pass(minutes passed) {
    const auto clocks = pings_of("clock.txt");
    const auto others = pings();
    const auto before = pings_learned_from();
    now_ = now_.load() + passed - seconds(2);
    const auto end = std::chrono::steady_clock::now() + seconds(10);
    while (pings_of("clock.txt") == clocks ||
           pings_learned_from() - before != pings_of("clock.txt") - clocks + pings() - others) {
      ASSERT_LT(std::chrono::steady_clock::now(), end);
      std::this_thread::yield();
    }
  }
  [[nodiscard]] std::ptrdiff_t pings_learned_from() {
    return proxy_.admin("GET", "/api/prefixes").at("pings").to_number<std::ptrdiff_t>();
  }
  [[nodiscard]] std::ptrdiff_t pings_of(std::string_view document) {
    const auto requests = upstream_.requests();
    return std::ranges::count_if(requests, [&](const Message& request) {
      return request.body.find(document) != std::string::npos &&
             request.body.find(R"("max_tokens":0)") != std::string::npos;
    });
  }
  [[nodiscard]] std::ptrdiff_t pings() { return pings_of("docs.txt"); }

  std::atomic<config::TimePoint> now_{config::TimePoint(std::chrono::hours(500'000))};
  std::atomic<bool> writes_{false};
  FakeUpstream upstream_{[this](const Message& request, Wire& wire) {
    const bool docs = request.body.find("docs.txt") != std::string::npos;
    wire.send(ok_response(std::string(docs && writes_ ? kWritten : kRead)));
  }};
  ProxyUnderTest proxy_{upstream_.url(), [this](proxy::ServerOptions& options) {
                          options.now = [this] { return now_.load(); };
                        }};
};

constexpr config::Picodollars kDollar = config::kPicodollarsPerDollar;

TEST_F(KeepWarm, PingsJustBeforeTheEntryIsForgotten) {
  start(kDollar);
  ask_question();
  EXPECT_EQ(pings(), 0);
  pass(minutes(5));
  EXPECT_EQ(pings(), 1);
  EXPECT_EQ(upstream_.last_request().field("x-api-key"), "sk-own");
}

TEST_F(KeepWarm, ChargesThePingToTheLedger) {
  start(kDollar);
  ask_question();
  pass(minutes(5));
  const auto rows = proxy_.admin("GET", "/api/requests").at("requests").as_array();
  const auto ping = std::ranges::find_if(rows, [](const auto& row) {
    return row.at("label") == "foreword/keep-warm" && row.at("kb") == "docs";
  });
  ASSERT_NE(ping, rows.end());
  EXPECT_EQ(ping->at("uncached_usd").as_string(), "0");
  EXPECT_NE(ping->at("cost_usd").as_string(), "0");
}

TEST_F(KeepWarm, IsNotDoneUnlessTheSettingsAskForIt) {
  start(0);
  ask_question();
  pass(minutes(5));
  EXPECT_EQ(pings(), 0);
}

TEST_F(KeepWarm, IsNotDoneBehindAClientsTools) {
  start(kDollar);
  ask_question();
  ask_question(R"("tools":[{"name":"t","input_schema":{}}],)");
  pass(minutes(5));
  EXPECT_EQ(pings(), 1);  // for the one without
}

// To read some 10,000 tokens costs a fifth of a cent, and 2.7 cents if they have to be written.
TEST_F(KeepWarm, NeverCostsMoreThanTheCapOfADay) {
  start(kDollar / 50);
  ask_question();
  pass(minutes(5));
  EXPECT_EQ(pings(), 0);
}

TEST_F(KeepWarm, CountsWhatWasSpentBeforeARestart) {
  start(kDollar / 28);
  writes_ = true;
  ask_question();
  pass(minutes(5));
  EXPECT_EQ(pings(), 1);
  start(kDollar / 28);
  ask_question();
  pass(minutes(5));
  EXPECT_EQ(pings(), 1);
}

TEST_F(KeepWarm, IsNotDoneForAVersionThatWasReplaced) {
  start(kDollar);
  ask_question();
  proxy_.load_kb("docs", {{"docs.txt", pattern(40'000)}});
  pass(minutes(5));
  EXPECT_EQ(pings(), 0);
}

TEST_F(KeepWarm, ComesNotTooLate) {
  start(kDollar);
  ask_about("docs");
  now_ = now_.load() + minutes(3);
  ask_about("clock");
  pass(minutes(5));
  EXPECT_EQ(pings(), 0);
}

TEST_F(KeepWarm, EndsWhereAPingHadToWrite) {
  start(kDollar);
  ask_question();
  writes_ = true;
  pass(minutes(5));
  EXPECT_EQ(pings(), 1);
  ask_about("clock");
  pass(minutes(5));
  EXPECT_EQ(pings(), 1);
}

}  // namespace
}  // namespace foreword::test
