// What `foreword kb load`, `diff` and `show` print of the admin API's JSON.
#include "tools/kb_report.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace foreword::tools {
namespace {

namespace json = boost::json;

/// An update that re-wrote the second layer of two.
json::value update() {
  return json::parse(R"({
    "changed": true, "kept_layers": 1, "layers_before": [{"text_bytes": 480100}],
    "layers": [{"text_bytes": 480100}, {"text_bytes": 3694}],
    "changes": {
      "added": {"count": 1, "paths": ["new.md"]},
      "changed": {"count": 102, "paths": ["a.md", "b.md"]},
      "removed": {"count": 0, "paths": []},
      "renamed": {"count": 1, "paths": [{"from": "old.md", "to": "fresh.md"}]}},
    "unknown_models": ["claude-of-tomorrow"],
    "models": [{
      "model": "claude-sonnet-5-5", "tokens_estimate": 175925, "tokens_error": 0.004,
      "estimated_from": "own_requests", "estimated_from_requests": 1214,
      "not_counted": null, "fits": "yes",
      "layer_tokens": [174582, 1343], "layer_tokens_before": [174582, 900],
      "window_share": 0.175925, "long_context": false, "cacheable": true,
      "cold_usd": "0.4398125", "warm_usd": "0.0175925",
      "rewritten_tokens": 1343, "rewritten_usd": "0.0033575",
      "path_order_tokens": 90000, "path_order_usd": "0.225"}]})");
}

json::value with(const char* key, json::value value) {
  auto kb = update();
  kb.at("models").at(0).as_object()[key] = std::move(value);
  return kb;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(KbReport, CountsTheChanges) {
  EXPECT_EQ(describe_change_counts(update()), "1 document added, 102 changed, 1 renamed\n");
}

TEST(KbReport, SaysThatNothingChanged) {
  auto kb = update();
  kb.as_object()["changed"] = false;
  EXPECT_EQ(describe_change_counts(kb), "unchanged: the same documents are already loaded\n");
  EXPECT_EQ(describe_update_costs(kb), "");
}

TEST(KbReport, NamesTheDocumentsAndHowManyMoreThereAre) {
  EXPECT_EQ(describe_changes(update()),
            "  added    new.md\n"
            "  changed  a.md\n"
            "  changed  b.md\n"
            "  changed  and 100 more\n"
            "  renamed  old.md -> fresh.md\n");
}

TEST(KbReport, NamesNoMoreThanOneReads) {
  auto kb = update();
  auto& added = kb.at("changes").at("added").as_object();
  for (int i = 0; i < 40; ++i) added["paths"].as_array().push_back("page.md");
  added["count"] = 41;
  EXPECT_TRUE(has(describe_changes(kb), "  added    and 21 more\n"));
}

TEST(KbReport, NamesNoneOfAFirstVersion) {
  auto kb = update();
  kb.as_object()["layers_before"] = json::array();
  EXPECT_EQ(describe_changes(kb), "");
}

TEST(KbReport, SaysWhichLayersStayWarm) {
  EXPECT_EQ(describe_layers(update()),
            "  layer 1         480,100 bytes  stays warm\n"
            "  layer 2           3,694 bytes  is written\n");
}

TEST(KbReport, SaysOfAVersionOnlyHowLargeItsLayersAre) {
  auto kb = update();
  kb.as_object().erase("kept_layers");
  EXPECT_EQ(describe_layers(kb),
            "  layer 1         480,100 bytes\n"
            "  layer 2           3,694 bytes\n");
}

TEST(KbReport, ShowsTheCostsOfARequest) {
  EXPECT_EQ(
      describe_costs(update()),
      "  one request                   tokens  within     known from   window      cold      warm"
      "  by layer\n"
      "  claude-sonnet-5-5            175,925    0.4% 1,214 requests    17.6%   $0.4398   $0.0176"
      "  174,582 + 900 -> 174,582 + 1,343\n"
      "claude-of-tomorrow: not in the model table, so its window and prices are not known\n");
}

TEST(KbReport, ShowsTheCostsOfTheUpdateAgainstPathOrder) {
  EXPECT_EQ(describe_update_costs(update()),
            "  this update               re-written     costs     with documents by path\n"
            "  claude-sonnet-5-5              1,343   $0.0034           90,000   $0.2250\n");
}

TEST(KbReport, ShowsBothShortly) {
  EXPECT_TRUE(has(
      describe_costs_shortly(update()),
      "  claude-sonnet-5-5             175,925     0.4%    17.6%   $0.4398   $0.0176      $0.0034"
      "   $0.2250\n"));
}

TEST(KbReport, RemarksOnWhatTheNumbersDoNotSay) {
  EXPECT_TRUE(has(describe_costs(with("fits", "maybe")), "may not fit"));
  EXPECT_TRUE(has(describe_costs(with("fits", "no")), "does not fit"));
  EXPECT_TRUE(has(describe_costs(with("long_context", true)), "at long-context prices"));
  EXPECT_TRUE(has(describe_costs(with("cacheable", false)), "too short to be cached"));
  EXPECT_TRUE(has(describe_costs(with("estimated_from", "table")), "the table"));
}

TEST(KbReport, SaysOfACountThatItIsOne) {
  const auto kb = with("estimated_from", "counted");
  EXPECT_TRUE(has(describe_costs(kb), "175,925       -        counted    17.6%"));
  EXPECT_TRUE(has(describe_costs_shortly(kb), "175,925  counted    17.6%"));
}

TEST(KbReport, SaysWhyAModelWasNotCounted) {
  const auto text = describe_costs(with("not_counted", "upstream a answered 529"));
  EXPECT_TRUE(has(text,
                  "claude-sonnet-5-5: estimated, since it could not be counted: upstream a "
                  "answered 529\n"));
}

}  // namespace
}  // namespace foreword::tools
