// The ledger's requests as a trace for `foreword replay --ledger`.
#include "tools/ledger_trace.h"

#include "tools/commands.h"
#include "unit/tools/ledger_store.h"

namespace foreword::tools {
namespace {

using cache::LedgerRow;
using cache::RowPrefix;
using config::TokenClass;

class LedgerTrace : public LedgerStore {
 protected:
  /// A prompt of these prefixes, that many seconds after the first.
  static LedgerRow row(std::uint64_t seconds, std::vector<RowPrefix> prefixes) {
    auto result = cache::test::smallest_row(static_cast<std::int64_t>(seconds) * 1000, seconds);
    result.tokens[TokenClass::input] = 900;
    result.tokens[TokenClass::output] = 7;
    result.prefixes = std::move(prefixes);
    return result;
  }
  replay::Trace trace(const std::vector<LedgerRow>& rows) {
    write(rows);
    return read_ledger_trace(connect_admin(source_).value(), {}).value();
  }
  /// How many segments two of its requests share.
  static std::size_t shared(const replay::Trace& trace, std::size_t a, std::size_t b) {
    const auto first = trace.segments(a);
    const auto second = trace.segments(b);
    std::size_t count = 0;
    while (count < first.size() && count < second.size() && first[count] == second[count]) ++count;
    return count;
  }
};

TEST_F(LedgerTrace, HasTheTimesAndTokensOfItsRequests) {
  const auto read = trace({row(0, {{1, 2000}}), row(90, {{1, 2000}, {2, 2600}})});
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].at, 0);
  EXPECT_EQ(read[1].at, 90);
  EXPECT_EQ(read[1].input_tokens, 2600u);
  EXPECT_EQ(read[1].output_tokens, 7u);
}

TEST_F(LedgerTrace, CutsPromptsThatBeginAlikeAlike) {
  const auto read = trace({row(0, {{1, 2048}, {2, 4000}}), row(1, {{1, 2048}, {3, 9000}}),
                           row(2, {{9, 2048}, {2, 4000}})});
  EXPECT_EQ(shared(read, 0, 1), 4u);  // 2,048 tokens are four blocks of 512
  EXPECT_EQ(shared(read, 0, 2), 0u);
}

TEST_F(LedgerTrace, SharesNoBlockOfWhichAnEndDiffers) {
  const auto read = trace({row(0, {{1, 2000}, {2, 4000}}), row(1, {{1, 2000}, {3, 4000}})});
  EXPECT_EQ(shared(read, 0, 1), 3u);
}

TEST_F(LedgerTrace, TakesAPromptWithoutPrefixesForOneThatNobodyShares) {
  const auto read = trace({row(0, {}), row(1, {}), row(2, {{1, 900}})});
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[0].input_tokens, 900u);
  EXPECT_EQ(shared(read, 0, 1), 0u);
  EXPECT_EQ(shared(read, 1, 2), 0u);
}

TEST_F(LedgerTrace, LeavesOutWhatWasNotBilledAndWhatForewordSentItself) {
  auto refused = row(1, {{1, 2000}});
  refused.tokens = {};
  auto ping = row(2, {{1, 2000}});
  ping.label = "foreword/keep-warm";
  EXPECT_EQ(trace({row(0, {{1, 2000}}), refused, ping}).size(), 1u);
}

TEST_F(LedgerTrace, SaysSoWhereThereIsNothing) {
  write({});
  const auto read = read_ledger_trace(connect_admin(source_).value(), {});
  ASSERT_FALSE(read);
  EXPECT_TRUE(has(read.error().message, "no billed request"));
}

TEST_F(LedgerTrace, IsReplayedByTheCommand) {
  write({row(0, {{1, 4096}, {2, 5000}}), row(60, {{1, 4096}, {3, 5000}})});
  ReplayQuestion question;
  question.ledger = true;
  question.period.from = "2026-11-01";
  question.model = "claude-sonnet-5";
  const auto text = printed([&] { return replay_trace(source_, question); });
  EXPECT_EQ(code_, kDone) << complaint_;
  EXPECT_TRUE(has(text, "2 requests in 1.0 minutes")) << text;
  EXPECT_TRUE(has(text, "foreword"));
}

TEST_F(LedgerTrace, IsNotMixedWithFiles) {
  ReplayQuestion question;
  question.ledger = true;
  question.traces = {"trace.jsonl"};
  question.model = "claude-sonnet-5";
  printed([&] { return replay_trace(source_, question); });
  EXPECT_EQ(code_, kUsage);
  EXPECT_TRUE(has(complaint_, "files with traces, or --ledger"));
}

}  // namespace
}  // namespace foreword::tools
