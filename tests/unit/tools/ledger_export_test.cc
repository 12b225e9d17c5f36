// `foreword ledger export` against a store of its own, as a user sees it.
#include <set>
#include <sstream>

#include <boost/json.hpp>

#include "tools/commands.h"
#include "unit/tools/ledger_store.h"

namespace foreword::tools {
namespace {

using cache::test::full_row;
using cache::test::smallest_row;

class LedgerExport : public LedgerStore {
 protected:
  LedgerExport() { question_.period.from = "2026-11-01"; }
  std::string exported() {
    return printed([this] { return export_ledger(source_, question_); });
  }
  /// Without the header, by their ids.
  std::vector<std::string> exported_ids() {
    std::istringstream lines(exported());
    std::vector<std::string> ids;
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) ids.push_back(line.substr(0, line.find(',')));
    return ids;
  }
  ExportQuestion question_;
};

TEST_F(LedgerExport, HasTheColumnsThatAreDocumented) {
  write({});
  EXPECT_EQ(exported(),
            "id,time,provider,upstream,operation,model,mode,label,kb,kb_version,placement,refused,"
            "stream,status,outcome,error,usage_source,input_tokens,cache_read_tokens,"
            "cache_write_5m_tokens,cache_write_1h_tokens,cache_write_30m_tokens,"
            "cache_write_12h_tokens,output_tokens,kb_tokens_estimate,service_tier,speed,"
            "inference_geo,priced,price_version,cost_usd,uncached_usd,saved_usd,request_bytes,"
            "inserted_bytes,first_byte_ms,duration_ms,alias\r\n");
  EXPECT_EQ(code_, kDone);
}

TEST_F(LedgerExport, WritesARowToTheLastDigit) {
  auto row = full_row();
  row.label = "team, support";
  write({row});
  const auto text = exported();
  EXPECT_TRUE(has(
      text, cache::to_text(row.id) +
                ",2026-11-23T00:00:01.234Z,gemini,gemini-eu,generate_content,"
                "gemini-3-pro,optimize,\"team, support\",handbook,"
                "00112233445566778899aabbccddeeff,inserted,prompt_cache_key,true,599,"
                "failed,upstream_unreachable,estimated,1000,1001,1002,1003,1004,1005,"
                "1006,200000,priority,fast,us,true,2026-11-10,0.123456789012,"
                "0.987654321098,0.864197532086,4321,800000,456.789,12345.678,support-model\r\n"))
      << text;
}

TEST_F(LedgerExport, LeavesTheCostOfAnUnpricedRowEmpty) {
  auto row = smallest_row();
  row.model = "nobody-knows";
  write({row});
  EXPECT_TRUE(has(exported(), ",false,,,,,0,0,0,0,\r\n"));
}

TEST_F(LedgerExport, GivesALabelNoFormula) {
  auto row = smallest_row();
  row.label = "=1+1";
  write({row});
  EXPECT_TRUE(has(exported(), ",'=1+1,"));
  question_.format = "jsonl";
  EXPECT_TRUE(has(exported(), R"("label":"=1+1")"));
}

TEST_F(LedgerExport, HasEveryRowOfManyPagesOnceAndOldestFirst) {
  std::vector<cache::LedgerRow> rows;
  std::vector<std::string> expected;
  for (int i = 0; i < 4500; ++i) {
    rows.push_back(smallest_row(i / 7, static_cast<std::uint64_t>(i)));
    expected.push_back(cache::to_text(rows.back().id));
  }
  write(rows);
  EXPECT_EQ(exported_ids(), expected);
}

TEST_F(LedgerExport, TakesAPeriodAndALabel) {
  std::vector<cache::LedgerRow> rows;
  for (const auto* label : {"a", "b", "a", ""}) {
    rows.push_back(smallest_row(static_cast<std::int64_t>(rows.size()) * 1000));
    rows.back().label = label;
  }
  write(rows);
  question_.period = {"", "2026-11-23T00:00:01Z", "2026-11-23T00:00:03Z"};
  EXPECT_EQ(exported_ids(), (std::vector{cache::to_text(rows[1].id), cache::to_text(rows[2].id)}));
  question_.label = "a";
  EXPECT_EQ(exported_ids(), (std::vector{cache::to_text(rows[2].id)}));
  question_.period.to.clear();
  question_.label = "(none)";
  EXPECT_EQ(exported_ids(), (std::vector{cache::to_text(rows[3].id)}));
}

TEST_F(LedgerExport, WritesJsonALineForEachRow) {
  write({smallest_row(0), smallest_row(1)});
  question_.format = "jsonl";
  std::istringstream lines(exported());
  std::string line;
  int count = 0;
  for (; std::getline(lines, line); ++count) {
    EXPECT_TRUE(boost::json::parse(line).at("cost_usd").is_string());
  }
  EXPECT_EQ(count, 2);
}

TEST_F(LedgerExport, SaysWhatAPeriodIs) {
  for (const PeriodQuestion& period :
       {PeriodQuestion{"week", "", ""}, PeriodQuestion{"", "yesterday", ""},
        PeriodQuestion{"7d", "2026-11-01", ""}, PeriodQuestion{"", "2026-11-02", "2026-11-01"}}) {
    question_.period = period;
    exported();
    EXPECT_EQ(code_, kUsage);
    EXPECT_TRUE(has(complaint_, "foreword: --")) << complaint_;
  }
}

}  // namespace
}  // namespace foreword::tools
