// What is read out of the providers' reports. The examples have the fields of the providers' own
// documentation (tools/reconcile/report_records.h names the pages).
#include "tools/reconcile/provider_report.h"

#include <gtest/gtest.h>

#include "unit/tools/provider_reports.h"

namespace foreword::tools {
namespace {

std::vector<Amount> amounts(const ProviderReport& report, const std::string& day,
                            const std::string& model) {
  const auto found = report.amounts.find({day, model});
  return found == report.amounts.end() ? std::vector<Amount>() : found->second;
}

ProviderReport read(std::string_view file, std::string_view owner = "") {
  return read_provider_report(file, owner).value();
}

std::string refusal(std::string_view file) {
  const auto report = read_provider_report(file, "");
  return report ? "none" : report.error().message;
}

TEST(ProviderReport, ReadsAnthropicsUsage) {
  const auto report = read(anthropic_usage(1500, 200, 100, 1000, 500));
  EXPECT_EQ(report.kind, "Anthropic usage report");
  EXPECT_TRUE(report.by_model);
  EXPECT_EQ(amounts(report, "2026-11-23", "claude-sonnet-5-5"),
            (std::vector<Amount>{1500, 1000, 200, 100, 500}));
}

TEST(ProviderReport, TakesPlainInputOutOfOpenAisTotal) {
  const auto report = read(
      R"({"object":"page","data":[{"object":"bucket","start_time":1795392000,
          "end_time":1795478400,"results":[{"object":"organization.usage.completions.result",
          "input_tokens":5000,"input_cached_tokens":4000,"input_cache_write_tokens":600,
          "output_tokens":20,"num_model_requests":3,"project_id":null,"model":"gpt-5.6-terra",
          "batch":null}]}],"has_more":false,"next_page":null})");
  EXPECT_EQ(report.kind, "OpenAI usage");
  EXPECT_EQ(amounts(report, "2026-11-23", "gpt-5.6-terra"),
            (std::vector<Amount>{400, 4000, 600, 20}));
}

TEST(ProviderReport, CountsOpenAisWritesAsInputWhereTheReportDoesNotTellThem) {
  const auto report = read(
      R"({"data":[{"start_time":1795392000,"end_time":1795478400,"results":[{"input_tokens":1000,
          "output_tokens":500,"input_cached_tokens":800,"num_model_requests":5,"model":null}]}]})");
  EXPECT_FALSE(report.by_model);
  EXPECT_EQ(amounts(report, "2026-11-23", ""), (std::vector<Amount>{200, 800, 500}));
  EXPECT_EQ(report.lines[0].classes.size(), 3u);
}

TEST(ProviderReport, ReadsAnthropicsCostInCents) {
  const auto report = read(
      R"({"data":[{"starting_at":"2026-11-23T00:00:00Z","ending_at":"2026-11-24T00:00:00Z",
          "results":[
          {"currency":"USD","amount":"123.45","workspace_id":"wrkspc_1","cost_type":"tokens",
           "model":"claude-sonnet-4-5-20250929","token_type":"output_tokens"},
          {"currency":"USD","amount":"0.55","cost_type":"tokens","workspace_id":"wrkspc_1",
           "model":"claude-sonnet-4-5-20250929","token_type":"uncached_input_tokens"},
          {"currency":"USD","amount":"30","cost_type":"web_search","model":null}]}],
          "has_more":true,"next_page":"page_x"})");
  EXPECT_EQ(report.kind, "Anthropic cost report");
  EXPECT_EQ(amounts(report, "2026-11-23", "claude-sonnet-4-5"),
            (std::vector<Amount>{1'240'000'000'000}));
  EXPECT_EQ(report.other_costs.at("web_search"), 300'000'000'000);
  EXPECT_TRUE(report.has_more);
}

TEST(ProviderReport, ReadsOpenAisCostsByLineItem) {
  const auto report = read(
      R"({"data":[{"start_time":1795392000,"end_time":1795478400,"results":[
          {"object":"organization.costs.result","amount":{"value":0.06,"currency":"usd"},
           "line_item":"gpt-5.5, cached input","project_id":null},
          {"amount":{"value":"0.1300000000000000","currency":"usd"},"line_item":"gpt-5.5, output"},
          {"amount":{"value":1,"currency":"usd"},"line_item":"web search tool calls"}]}]})");
  EXPECT_EQ(amounts(report, "2026-11-23", "gpt-5.5"), (std::vector<Amount>{190'000'000'000}));
  EXPECT_EQ(report.other_costs.at("web search tool calls"), 1'000'000'000'000);
}

TEST(ProviderReport, ReadsTheConsolesUsage) {
  const auto report = read(
      "\xef\xbb\xbfusage_date_utc,model_version,api_key,workspace,usage_type,context_window,"
      "usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,"
      "usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,"
      "web_search_count,inference_geo,speed\r\n"
      "2026-11-23,claude-sonnet-5-5,key,\"Team, "
      "support\",standard,200k,10,20,30,40,50,0,global,\n");
  EXPECT_EQ(amounts(report, "2026-11-23", "claude-sonnet-5-5"),
            (std::vector<Amount>{10, 40, 20, 30, 50}));
  EXPECT_EQ(report.by_owner.at("key"), 150);
}

TEST(ProviderReport, AllowsForTheCentsOfTheConsolesCost) {
  const auto report = read(
      "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd\n"
      "2026-11-23,Claude Haiku 4.5,Default,key,message,200k,input_no_cache,0.05\n"
      "2026-11-23,Claude Haiku 4.5,Default,key,message,200k,output,0.02\n");
  EXPECT_EQ(amounts(report, "2026-11-23", "claude-haiku-4-5"),
            (std::vector<Amount>{70'000'000'000}));
  EXPECT_EQ(report.rounding.at({"2026-11-23", "claude-haiku-4-5"}), 10'000'000'000);
}

TEST(ProviderReport, ReadsTheExportsOfOpenAisDashboard) {
  const auto usage = read(
      "start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,model,"
      "input_tokens,output_tokens,input_cached_tokens\n"
      "1795392000,1795478400,a,b,proj_1,2,gpt-5.5,100,7,60\n"
      "1795478400,1795564800,a,b,,,,,,\n");
  EXPECT_EQ(amounts(usage, "2026-11-23", "gpt-5.5"), (std::vector<Amount>{40, 60, 7}));
  EXPECT_EQ(usage.amounts.size(), 1u);
  const auto costs = read(
      "start_time,end_time,amount_value,amount_currency,line_item\n"
      "1795392000,1795478400,0.8958740000000000,usd,\n");
  EXPECT_EQ(amounts(costs, "2026-11-23", ""), (std::vector<Amount>{895'874'000'000}));
}

TEST(ProviderReport, AddsHoursAndPagesToDays) {
  const auto hour = [](int number) {
    return std::string(R"({"data":[{"starting_at":"2026-11-23T0)") + std::to_string(number) +
           R"(:00:00Z","ending_at":"2026-11-23T0)" + std::to_string(number + 1) +
           R"(:00:00Z","results":[{"uncached_input_tokens":1,"output_tokens":2,"model":"m"}]}]})";
  };
  for (const auto& file : {hour(1) + "\n" + hour(2), "[" + hour(1) + "," + hour(2) + "]"}) {
    const auto report = read(file);
    EXPECT_EQ(amounts(report, "2026-11-23", "m"), (std::vector<Amount>{2, 0, 0, 0, 4}));
    ASSERT_EQ(report.covered.size(), 1u);
    EXPECT_EQ(report.covered[0].to - report.covered[0].from, std::chrono::hours(2));
  }
}

TEST(ProviderReport, CountsNoPageTwice) {
  const auto page = anthropic_usage(1, 2, 3, 4, 5);
  EXPECT_EQ(refusal(page + page),
            "the bucket of 2026-11-23T00:00:00.000Z is there twice: give each page once");
}

TEST(ProviderReport, TakesOneOwnerOfMany) {
  const std::string file =
      R"({"data":[{"starting_at":"2026-11-23T00:00:00Z","ending_at":"2026-11-24T00:00:00Z",
          "results":[{"uncached_input_tokens":1,"model":"m","api_key_id":"k1","workspace_id":"w"},
          {"uncached_input_tokens":10,"model":"m","api_key_id":"k2","workspace_id":"w"}]}]})";
  EXPECT_EQ(amounts(read(file, "k2"), "2026-11-23", "m")[0], 10);
  EXPECT_EQ(amounts(read(file, "w"), "2026-11-23", "m")[0], 11);
  EXPECT_FALSE(read_provider_report(file, "k3"));
}

TEST(ProviderReport, SaysInOneLineWhatItExpects) {
  const std::vector<std::pair<std::string, std::string>> files = {
      {"", "it is empty; expected: "},
      {"{\"data\":", "it is no JSON: "},
      {"{\"error\":{\"message\":\"no\"}}", "it has no \"data\" of buckets; expected: "},
      {"{\"data\":[]}", "it has no bucket and no row; expected: "},
      {"{\"data\":[{\"results\":[]}]}", "a bucket has no start, end and \"results\"; expected: "},
      {"a,b\n1,2\n", "row 2 of the CSV has no day or time; expected: "},
      {"usage_date_utc,tokens\n2026-11-23,5\n", "no bucket has a field that is known; expected: "},
      {"usage_date_utc,x\n2026-11-23,\"a\"b\n", "it is no CSV: a quote does not match in line 2;"}};
  for (const auto& [file, begin] : files) {
    const auto message = refusal(file);
    EXPECT_EQ(message.substr(0, begin.size()), begin) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
}

TEST(ProviderReport, RefusesWhatIsNoAmount) {
  EXPECT_EQ(refusal(anthropic_usage(-1, 0, 0, 0, 0)),
            "Anthropic usage report of 2026-11-23: 'uncached_input_tokens' is no amount, or less "
            "than its parts");
  EXPECT_EQ(refusal(R"({"data":[{"start_time":1795392000,"end_time":1795478400,"results":[
      {"amount":{"value":1,"currency":"eur"}}]}]})"),
            "its amounts are not in USD");
}

}  // namespace
}  // namespace foreword::tools
