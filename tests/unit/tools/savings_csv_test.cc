// `foreword savings --csv` against a store of its own, as a user sees it.
#include "tools/commands.h"
#include "unit/tools/ledger_store.h"

namespace foreword::tools {
namespace {

using cache::test::smallest_row;
using config::TokenClass;

class SavingsCsv : public LedgerStore {};

cache::LedgerRow row_of(std::int64_t ms, const std::string& label) {
  auto row = smallest_row(ms);
  row.label = label;
  row.usage_source = cache::UsageSource::reported;
  row.kb_tokens_estimate = 172'001;
  row.tokens[TokenClass::input] = 10;
  row.tokens[TokenClass::cache_read] = 172'001;
  row.tokens[TokenClass::output] = 50;
  row.outcome = cache::Outcome::complete;
  row.priced = true;
  row.cost_actual = 17'720'100'000;
  row.cost_uncached = 344'522'000'000;
  return row;
}

TEST_F(SavingsCsv, HasALineForEachGroup) {
  write({row_of(0, "support"), row_of(1, "=cmd")});
  SavingsQuestion savings;
  savings.as_csv = true;
  savings.by = "label";
  const auto text = printed([&] { return show_savings(source_, savings); });
  EXPECT_EQ(text,
            "label,requests,estimated,unpriced,failed,input_tokens,cache_read_tokens,"
            "cache_write_5m_tokens,cache_write_1h_tokens,cache_write_30m_tokens,"
            "cache_write_12h_tokens,output_tokens,kb_tokens_estimate,paid_usd,uncached_usd,"
            "saved_usd\r\n"
            "'=cmd,1,0,0,0,10,172001,0,0,0,0,50,172001,0.0177201,0.344522,0.3268019\r\n"
            "support,1,0,0,0,10,172001,0,0,0,0,50,172001,0.0177201,0.344522,0.3268019\r\n");
  savings.by.clear();
  EXPECT_TRUE(
      has(printed([&] { return show_savings(source_, savings); }), "\r\ntotal,2,0,0,0,20,344002,"));
}

}  // namespace
}  // namespace foreword::tools
