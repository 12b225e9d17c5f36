// `foreword prices` against a store of its own, as a user sees it.
#include <cstdlib>
#include <fstream>
#include <functional>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/temp_dir.h"
#include "tools/commands.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;

/// gpt-5.2 costs 1.75, 0.175 and 14 in the table; gpt-99 is in no table.
constexpr std::string_view kFile = R"({
  "sample_spec": {"litellm_provider": "one of ..."},
  "gpt-5.2": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 272000,
    "input_cost_per_token": 3.5e-06, "output_cost_per_token": 1.4e-05,
    "cache_read_input_token_cost": 1.75e-07},
  "gpt-99": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 1000000.0,
    "input_cost_per_token": 3e-06, "output_cost_per_token": 1.2e-05},
  "gpt-98": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 1000,
    "input_cost_per_token": 3e-06, "output_cost_per_token": 1.2e-05,
    "cache_read_input_token_cost": 4e-06},
  "azure/gpt-99": {"litellm_provider": "azure", "mode": "chat"}
})";

class PricesCommand : public testing::Test {
 protected:
  PricesCommand() {
    store_.data = (folder_.path() / "store").string();
    question_.file = (folder_.path() / "prices.json").string();
    std::ofstream(question_.file) << kFile;
  }
  /// What it prints; its exit code goes to `code_`.
  std::string printed(const std::function<int()>& command) {
    testing::internal::CaptureStdout();
    code_ = command();
    return testing::internal::GetCapturedStdout();
  }
  std::string import() {
    return printed([this] { return import_prices(store_, question_); });
  }
  std::string shown(const std::string& model, const std::string& at = "") {
    return printed([&] { return show_price(store_, model, at, false); });
  }

  test::TempDir folder_;
  StoreSource store_;
  ImportQuestion question_;
  int code_ = -1;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_F(PricesCommand, ShowsWhatWouldBeTakenAndWhy) {
  const auto text = import();
  EXPECT_TRUE(has(text, "  added    openai     gpt-99: input 3, output 12\n")) << text;
  EXPECT_TRUE(has(text, "changed  openai     gpt-5.2: input 1.75 -> 3.5 (+100 %)")) << text;
  EXPECT_TRUE(has(text, "refused  openai     gpt-98: cache_read 4 is dearer than input 3")) << text;
  EXPECT_TRUE(has(text, "1 another provider's product: azure/gpt-99 (azure)")) << text;
  EXPECT_TRUE(has(text, "1 the file's description of itself: sample_spec")) << text;
  EXPECT_TRUE(has(text,
                  "5 entries: 1 added, 1 changed, 0 the same, 0 again under other names, "
                  "3 refused."))
      << text;
}

TEST_F(PricesCommand, TakesNothingWithoutBeingTold) {
  EXPECT_TRUE(has(import(), "Nothing is taken; --apply takes it.\n"));
  EXPECT_EQ(code_, kDone);
  shown("gpt-99");
  EXPECT_EQ(code_, kFailed);
}

TEST_F(PricesCommand, TakesWhatItShowed) {
  question_.apply = true;
  EXPECT_TRUE(has(import(), "the table is now 2026-11-26+1."));
  const auto text = shown("gpt-99");
  EXPECT_EQ(code_, kDone);
  EXPECT_TRUE(has(text, "input 3, output 12")) << text;
  EXPECT_TRUE(has(text, "source: LiteLLM file prices.json, imported ")) << text;
}

TEST_F(PricesCommand, ShowsAPriceOnItsDay) {
  question_.apply = true;
  question_.from = "2031-05-01";
  import();
  EXPECT_TRUE(has(shown("gpt-5.2", "2031-04-30"), "from the first request on, in force\n"));
  EXPECT_TRUE(has(shown("gpt-5.2", "2031-05-01"), "from 2031-05-01, in force\n"));
}

TEST_F(PricesCommand, PrintsEveryRefusalAsJson) {
  question_.as_json = true;
  const auto answer = json::parse(import());
  EXPECT_EQ(answer.at("refused_entries").as_array().size(), 2u);
  EXPECT_EQ(answer.at("entries").as_int64(), 5);
  EXPECT_FALSE(answer.at("applied").as_bool());
}

TEST_F(PricesCommand, TakesNothingOfADamagedFile) {
  std::ofstream(question_.file, std::ios::app) << "{";
  question_.apply = true;
  import();
  EXPECT_EQ(code_, kFailed);
  question_.apply = false;
  std::ofstream(question_.file) << kFile;
  EXPECT_TRUE(has(import(), "1 added, 1 changed"));
}

TEST_F(PricesCommand, TakesNoDayThatIsNone) {
  question_.from = "tomorrow";
  import();
  EXPECT_EQ(code_, kUsage);
}

TEST_F(PricesCommand, ChecksTheTable) {
  const auto text = printed([this] { return check_prices(store_, 36'500, false); });
  EXPECT_EQ(code_, kDone);
  EXPECT_TRUE(has(text, "51 models of table 2026-11-26: 0 errors")) << text;
}

}  // namespace
}  // namespace foreword::tools
