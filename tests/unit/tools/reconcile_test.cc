// `foreword ledger reconcile` against a store of its own, as a user sees it.
#include <fstream>

#include <boost/json.hpp>

#include "tools/commands.h"
#include "unit/tools/ledger_store.h"
#include "unit/tools/provider_reports.h"

namespace foreword::tools {
namespace {

using cache::test::smallest_row;
using config::TokenClass;

/// 1,000 tokens in and 100 out, on 2026-11-23, for $0.003.
cache::LedgerRow usual_row(std::int64_t minute) {
  auto row = smallest_row(minute * 60'000);
  row.model = "claude-sonnet-5-5";
  row.upstream = "anthropic";
  row.outcome = cache::Outcome::complete;
  row.usage_source = cache::UsageSource::reported;
  row.tokens[TokenClass::input] = 1000;
  row.tokens[TokenClass::output] = 100;
  row.priced = true;
  row.cost_actual = 3'000'000'000;
  return row;
}

class Reconcile : public LedgerStore {
 protected:
  Reconcile() { question_.file = (folder_.path() / "report").string(); }
  std::string reconciled(const std::string& report) {
    std::ofstream(question_.file) << report;
    return printed([this] { return reconcile_ledger(source_, question_); });
  }
  ReconcileQuestion question_;
};

TEST_F(Reconcile, AgreesToTheToken) {
  write({usual_row(1), usual_row(2)});
  const auto text = reconciled(anthropic_usage(2000, 0, 0, 0, 200));
  EXPECT_EQ(code_, kDone);
  EXPECT_EQ(text,
            "Anthropic usage report, 2026-11-23 to 2026-11-23, beside 2 requests of the ledger.\n\n"
            "day (UTC)   model                       tokens                      ledger"
            "            provider          difference\n"
            "2026-11-23  claude-sonnet-5-5           input                        2,000"
            "               2,000                   0\n"
            "2026-11-23  claude-sonnet-5-5           output                         200"
            "                 200                   0\n"
            "\nThe ledger and the provider agree.\n");
}

TEST_F(Reconcile, NamesARequestThatIsExactlyTheDifference) {
  auto odd = usual_row(3);
  odd.tokens[TokenClass::input] = 777;
  write({usual_row(1), usual_row(2), odd});
  const auto text = reconciled(anthropic_usage(2000, 0, 0, 0, 200));
  EXPECT_EQ(code_, kFailed);
  EXPECT_TRUE(has(text, "2,000                +777  !\n")) << text;
  EXPECT_TRUE(
      has(text, "  1 is exactly the difference: the provider may not have counted it:\n    " +
                    cache::to_text(odd.id) + "  2026-11-23T00:03:00.000Z  input 777  output 100\n"))
      << text;
  EXPECT_FALSE(has(text, cache::to_text(usual_row(1).id)));
}

TEST_F(Reconcile, NamesWhatIsKnownToBeUncertain) {
  auto cut = usual_row(1);
  cut.usage_source = cache::UsageSource::estimated;
  auto running = usual_row(2);
  running.outcome = cache::Outcome::provisional;
  auto ping = usual_row(3);
  ping.label = "foreword/pre-warm";
  auto late = usual_row(24 * 60 - 1);
  late.duration = std::chrono::seconds(61);
  write({cut, running, ping, late});
  const auto text = reconciled(anthropic_usage(1, 0, 0, 0, 1));
  const std::vector<std::pair<cache::LedgerRow, std::string>> expected = {
      {cut, "1 is estimated: its answer was cut before the final usage came:\n    "},
      {running, "1 has no end yet: it still runs, or Foreword was killed:\n    "},
      {ping,
       "1 is Foreword's own (pre-warming, keeping warm): billed to the upstream's key:\n    "},
      {late, "1 ran over midnight UTC: the provider may have counted it the day after:\n    "}};
  for (const auto& [row, cause] : expected) {
    EXPECT_TRUE(has(text, cause + cache::to_text(row.id))) << text;
  }
}

TEST_F(Reconcile, SaysWhereRequestsGoThatLeaveNoRow) {
  write({usual_row(1)});
  const auto text = reconciled(anthropic_usage(5000, 0, 0, 0, 100));
  EXPECT_EQ(code_, kFailed);
  EXPECT_TRUE(has(text, "The provider has more: requests that did not go through this proxy"));
  EXPECT_TRUE(has(text, "Nothing is odd about them")) << text;
}

TEST_F(Reconcile, TellsUpstreamsOfOneProviderApart) {
  auto elsewhere = usual_row(2);
  elsewhere.upstream = "local";
  write({usual_row(1), elsewhere});
  const auto report = anthropic_usage(1000, 0, 0, 0, 100);
  EXPECT_TRUE(has(reconciled(report), "more than one upstream: anthropic (1) local (1)."));
  question_.upstream = "anthropic";
  reconciled(report);
  EXPECT_EQ(code_, kDone);
}

TEST_F(Reconcile, ComparesMoneyToThePicodollar) {
  auto unpriced = usual_row(2);
  unpriced.priced = false;
  unpriced.cost_actual = 0;
  write({usual_row(1), unpriced});
  const auto report = [](const std::string& cents) {
    return R"({"data":[{"starting_at":"2026-11-23T00:00:00Z","ending_at":"2026-11-24T00:00:00Z",)"
           R"("results":[{"currency":"USD","amount":")" +
           cents + R"(","model":"claude-sonnet-5-5","cost_type":"tokens"}]}]})";
  };
  reconciled(report("0.3"));
  EXPECT_EQ(code_, kDone);
  const auto text = reconciled(report("0.3000000001"));
  EXPECT_EQ(code_, kFailed);
  EXPECT_TRUE(has(text, "0.003      0.003000000001     -0.000000000001  !\n")) << text;
  EXPECT_TRUE(has(text, "1 has no price here: foreword prices import")) << text;
}

TEST_F(Reconcile, DiffersOnlyByMoreThanTheTolerance) {
  write({usual_row(1)});
  const auto report = anthropic_usage(990, 0, 0, 0, 100);
  question_.tolerance = "1.1";
  reconciled(report);
  EXPECT_EQ(code_, kDone);
  question_.tolerance = "1.01";
  reconciled(report);
  EXPECT_EQ(code_, kFailed);
  for (const auto* wrong : {"-1", "101", "1%", "0.0000001", ""}) {
    question_.tolerance = wrong;
    reconciled(report);
    EXPECT_EQ(code_, kUsage) << wrong;
  }
}

TEST_F(Reconcile, LooksOnlyAtTheTimeOfTheReport) {
  write({usual_row(-1), usual_row(1), usual_row(24 * 60)});
  reconciled(anthropic_usage(1000, 0, 0, 0, 100));
  EXPECT_EQ(code_, kDone);
}

TEST_F(Reconcile, SaysThatADayIsNotOver) {
  write({usual_row(1)});
  auto report = anthropic_usage(1000, 0, 0, 0, 100);
  EXPECT_FALSE(has(reconciled(report), "is not over"));
  report.replace(report.find("2026-11-24"), 4, "2199");
  EXPECT_TRUE(has(reconciled(report), "The report goes on to a time that is not over, or hardly"));
}

TEST_F(Reconcile, PrintsJson) {
  auto cut = usual_row(1);
  cut.usage_source = cache::UsageSource::partial;
  write({cut});
  question_.as_json = true;
  const auto answer = boost::json::parse(reconciled(anthropic_usage(900, 0, 0, 0, 100)));
  EXPECT_TRUE(answer.at("differs").as_bool());
  const auto& day = answer.at("days").at(0);
  EXPECT_EQ(day.at("lines").at(0).at("difference").to_number<int>(), 100);
  EXPECT_EQ(day.at("causes").at(0).at("cause").as_string(), "estimated");
  EXPECT_EQ(day.at("causes").at(0).at("first").at(0).at("id").as_string(), cache::to_text(cut.id));
}

TEST_F(Reconcile, RefusesAFileThatIsNoReport) {
  reconciled("{}");
  EXPECT_EQ(code_, kFailed);
  EXPECT_TRUE(has(complaint_, "it has no \"data\" of buckets; expected: JSON of Anthropic's"));
  question_.file += ".missing";
  printed([this] { return reconcile_ledger(source_, question_); });
  EXPECT_EQ(code_, kFailed);
}

}  // namespace
}  // namespace foreword::tools
