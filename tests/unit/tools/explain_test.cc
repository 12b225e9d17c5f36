// `foreword explain` against a store of its own, as a user sees it.
#include <boost/json.hpp>

#include "tools/commands.h"
#include "unit/tools/ledger_store.h"

namespace foreword::tools {
namespace {

using cache::test::smallest_row;
using config::TokenClass;

class Explain : public LedgerStore {
 protected:
  std::string explained(const std::string& id = "") {
    question_.id = id;
    question_.last = id.empty();
    return printed([this] { return explain_request(source_, question_); });
  }
  /// The README's second request: 10 + 172,001 + 50 tokens of claude-sonnet-5-5.
  static cache::LedgerRow warm_row(std::int64_t ms) {
    auto row = smallest_row(ms);
    row.upstream = "anthropic";
    row.operation = config::Operation::messages;
    row.mode = config::Mode::optimize;
    row.model = "claude-sonnet-5-5";
    row.label = "support";
    row.kb = "handbook";
    row.kb_version = "00112233445566778899aabbccddeeff";
    row.kb_tokens_estimate = 172'001;
    row.placement = "inserted";
    row.inserted_bytes = 600'000;
    row.status = 200;
    row.outcome = cache::Outcome::complete;
    row.usage_source = cache::UsageSource::reported;
    row.tokens[TokenClass::input] = 10;
    row.tokens[TokenClass::cache_read] = 172'001;
    row.tokens[TokenClass::output] = 50;
    row.priced = true;
    row.price_version = config::ModelTable::built_in().version();
    row.cost_actual = 17'720'100'000;
    row.cost_uncached = 344'522'000'000;
    return row;
  }
  ExplainQuestion question_;
};

TEST_F(Explain, TellsAWarmRequest) {
  auto cold = warm_row(0);
  cold.tokens[TokenClass::cache_write_5m] = std::exchange(cold.tokens[TokenClass::cache_read], 0);
  write({cold, warm_row(60'000)});
  const auto text = explained();
  EXPECT_EQ(code_, kDone);
  EXPECT_EQ(text,
            "request         " + cache::to_text(warm_row(60'000).id) +
                " of 2026-11-23T00:01:00.000Z\n"
                "came            messages for claude-sonnet-5-5 by upstream anthropic, mode "
                "optimize, 0 bytes, label support\n"
                "knowledge base  handbook, version 001122334455\n"
                "planned         it went in front, with cache breakpoints; 600,000 bytes of "
                "Foreword's went in\n"
                "ended           the answer reached its end with status 200 after 0.0 ms; first "
                "byte after 0.0 ms\n"
                "tokens          as the provider reported them\n"
                "predicted       172,001 tokens of knowledge base; the provider read 172,001 and "
                "wrote 0 tokens of prompt in its cache\n"
                "cache           warm: all of it was read, 60.0 s after " +
                cache::to_text(cold.id) +
                "\n"
                "bill            by the prices of " +
                config::ModelTable::built_in().version() +
                ", USD per million tokens\n"
                "  input                       10 x 2                     0.00002\n"
                "  cache_read             172,001 x 0.1                 0.0172001\n"
                "  output                      50 x 10                     0.0005\n"
                "  total                                                0.0177201\n"
                "would have cost\n"
                "  paid                                                 0.0177201\n"
                "  without any caching                                   0.344522\n"
                "  had all that was written been warm                   0.0177201\n"
                "  had nothing been warm                                0.4305225\n"
                "  without the knowledge base (estimate)                  0.00052\n"
                "  saved by caching                                     0.3268019\n");
}

TEST_F(Explain, SaysWhyItWasAMiss) {
  auto first = warm_row(0);
  first.tokens[TokenClass::cache_write_5m] = std::exchange(first.tokens[TokenClass::cache_read], 0);
  auto late = first;
  late.started += std::chrono::minutes(10);
  late.id = cache::make_request_id(late.started, 0, 0);
  write({first, late});
  EXPECT_TRUE(
      has(explained(cache::to_text(first.id)),
          "cache           a miss: no request of the day before used it with this model\n"));
  const auto text = explained(cache::to_text(late.id));
  EXPECT_TRUE(has(text, "a miss: 10 min after " + cache::to_text(first.id) +
                            ", and what was written lives 5 min\n"))
      << text;
}

TEST_F(Explain, SaysWhereTheRowWasPricedOtherwise) {
  auto row = warm_row(0);
  row.price_version = "2026-01-01";
  row.cost_actual += 1;
  write({row});
  EXPECT_TRUE(has(explained(),
                  "The row keeps what it was priced at by the table of 2026-01-01: "
                  "0.017720100001\n"));
}

TEST_F(Explain, HasNoBillWithoutAPrice) {
  auto row = warm_row(0);
  row.model = "nobody-knows";
  row.priced = false;
  write({row});
  const auto text = explained();
  EXPECT_TRUE(has(text, "bill            none: no price for this model was known"));
  EXPECT_FALSE(has(text, "would have cost"));
}

TEST_F(Explain, PrintsJson) {
  write({warm_row(0)});
  question_.as_json = true;
  const auto answer = boost::json::parse(explained());
  EXPECT_EQ(answer.at("cache").at("cause").as_string(), "warm");
  EXPECT_EQ(answer.at("bill").at("usd").as_string(), "0.0177201");
  EXPECT_TRUE(answer.at("bill").at("agrees").as_bool());
}

TEST_F(Explain, SaysWhatItCannotFind) {
  write({});
  explained();
  EXPECT_EQ(code_, kFailed);
  EXPECT_EQ(complaint_, "foreword: there is no request in the ledger yet\n");
  explained(std::string(32, '0'));
  EXPECT_EQ(code_, kFailed);
  explained("xyz");
  EXPECT_EQ(code_, kUsage);
  question_ = {};
  printed([this] { return explain_request(source_, question_); });
  EXPECT_EQ(code_, kUsage);
}

}  // namespace
}  // namespace foreword::tools
