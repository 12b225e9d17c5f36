// What a table takes of an import: only what is named, only from its date on.
#include "config/price_import.h"

#include <gtest/gtest.h>

#include "config/price_text.h"

namespace foreword::config {
namespace {

constexpr TimePoint kToday = std::chrono::sys_days(std::chrono::year(2026) / 11 / 26);
constexpr std::chrono::days kDay{1};

/// Two models: one of OpenAI's with everything that a file does not name, and a scheduled change.
constexpr std::string_view kTable = R"({
  "version": "2026-11-23", "sources": {},
  "modifiers": {"openai": {"service_tier": {"priority": 200}}},
  "models": [
    {"name": "gpt-x", "provider": "openai",
     "usd_per_mtok": [
       {"rates": {"input": "2", "cache_read": "0.2", "cache_write_30m": "2.5",
                  "cache_write_12h": "5", "output": "10"},
        "long_context": {"above_prompt_tokens": 272000,
          "rates": {"input": "4", "cache_read": "0.4", "cache_write_30m": "5",
                    "cache_write_12h": "10", "output": "15"}}},
       {"from": "2027-01-01",
        "rates": {"input": "8", "cache_read": "0.8", "cache_write_30m": "10",
                  "cache_write_12h": "20", "output": "40"}}],
     "context_window_tokens": 400000, "min_cacheable_tokens": 1024,
     "explicit_breakpoints": true, "bytes_per_token": 4.4, "retires": null, "as_of": "2026-11-10",
     "source": "test", "notes": ""},
    {"name": "claude-x", "provider": "anthropic",
     "usd_per_mtok": [{"rates": {"input": "4", "cache_read": "0.4", "cache_write_5m": "5",
                                 "cache_write_1h": "8", "output": "20"}}],
     "context_window_tokens": 200000, "min_cacheable_tokens": null,
     "explicit_breakpoints": false, "bytes_per_token": 2.75, "retires": null,
     "as_of": "2026-11-10", "source": "test", "notes": ""}]})";

class ImportedPrice : public testing::Test {
 protected:
  ImportedPrice() : table_(ModelTable::parse(kTable).value()) {
    import_.file = "prices.json";
    import_.imported = kToday + std::chrono::hours(15);
    offer_.provider = Provider::openai;
    offer_.name = "gpt-x";
    offer_.context_window_tokens = 272'000;
    names(TokenClass::input, 2'000'000);
    names(TokenClass::output, 10'000'000);
  }
  void names(TokenClass token_class, Picodollars price) {
    offer_.rates.at(static_cast<std::size_t>(token_class)) = price;
  }
  void of_claude(std::string name, Picodollars input) {
    offer_ = {};
    offer_.provider = Provider::anthropic;
    offer_.name = std::move(name);
    offer_.context_window_tokens = 200'000;
    names(TokenClass::input, input);
    names(TokenClass::cache_read, input / 10);
    names(TokenClass::cache_write_5m, input * 5 / 4);
    names(TokenClass::cache_write_1h, input * 2);
    names(TokenClass::output, input * 5);
  }
  Weighed weighed() { return weigh(table_, offer_, import_); }
  ModelTable after() {
    import_.offers = {offer_};
    return with_imports(table_, {&import_, 1});
  }
  /// Of one token, by the table that comes out.
  Picodollars cost(TokenClass token_class, TimePoint at) {
    const auto table = after();
    TokenCounts counts;
    counts[token_class] = 1;
    const auto* model = table.find(offer_.provider, offer_.name);
    return table.cost(*model, counts, {}, at).actual;
  }

  ModelTable table_;
  PriceImport import_;
  PriceOffer offer_;
};

TEST_F(ImportedPrice, that_the_table_has_is_the_same) {
  EXPECT_EQ(weighed().verdict, Verdict::same);
  EXPECT_EQ(after().find(Provider::openai, "gpt-x")->prices.size(), 2u);
}

TEST_F(ImportedPrice, holds_from_the_day_of_the_import_on) {
  names(TokenClass::output, 12'000'000);
  EXPECT_EQ(weighed().verdict, Verdict::changed);
  EXPECT_EQ(cost(TokenClass::output, kToday - std::chrono::seconds(1)), 10'000'000);
  EXPECT_EQ(cost(TokenClass::output, kToday), 12'000'000);
}

TEST_F(ImportedPrice, holds_from_the_given_day_on) {
  names(TokenClass::output, 12'000'000);
  import_.from = kToday - 5 * kDay;
  EXPECT_EQ(cost(TokenClass::output, kToday - 6 * kDay), 10'000'000);
  EXPECT_EQ(cost(TokenClass::output, kToday - 5 * kDay), 12'000'000);
}

TEST_F(ImportedPrice, leaves_a_scheduled_change_on_its_day) {
  names(TokenClass::output, 12'000'000);
  const TimePoint new_year = std::chrono::sys_days(std::chrono::year(2027) / 1 / 1);
  EXPECT_EQ(cost(TokenClass::output, new_year - std::chrono::seconds(1)), 12'000'000);
  EXPECT_EQ(cost(TokenClass::output, new_year), 40'000'000);
}

TEST_F(ImportedPrice, from_the_day_of_a_scheduled_change_is_in_its_place) {
  names(TokenClass::output, 12'000'000);
  import_.from = std::chrono::sys_days(std::chrono::year(2027) / 1 / 1);
  EXPECT_EQ(cost(TokenClass::output, *import_.from), 12'000'000);
  EXPECT_EQ(after().find(Provider::openai, "gpt-x")->prices.size(), 2u);
}

TEST_F(ImportedPrice, is_told_with_both_prices_and_the_percentage) {
  names(TokenClass::output, 12'500'000);
  const auto changes = weighed().changes;
  ASSERT_FALSE(changes.empty());
  EXPECT_EQ(changes.front().what, "output");
  EXPECT_EQ(changes.front().from, "10");
  EXPECT_EQ(changes.front().to, "12.5");
  EXPECT_EQ(changes.front().percent, "+25 %");
}

// Input 2 -> 3: the 12h write that no file names was 2.5x and stays it, 7.5; the read is named.
TEST_F(ImportedPrice, keeps_the_ratio_of_what_the_file_does_not_name) {
  names(TokenClass::input, 3'000'000);
  names(TokenClass::cache_read, 300'000);
  EXPECT_EQ(cost(TokenClass::cache_write_12h, kToday), 7'500'000);
  EXPECT_EQ(cost(TokenClass::cache_write_30m, kToday), 3'750'000);
  const auto remarks = weighed().remarks;
  EXPECT_EQ(remarks.front(),
            "cache_write_30m is not in the file and keeps its ratio to input: 3.75");
}

// Long input was 2x, long output 1.5x: 6 and 15.
TEST_F(ImportedPrice, keeps_a_tier_that_the_file_does_not_name_at_its_ratios) {
  names(TokenClass::input, 3'000'000);
  const auto table = after();
  const auto rates = rates_in_force(*table.find(Provider::openai, "gpt-x"), 272'001, kToday).rates;
  EXPECT_EQ(rates[TokenClass::input], 6'000'000);
  EXPECT_EQ(rates[TokenClass::output], 15'000'000);
}

TEST_F(ImportedPrice, takes_a_tier_that_the_file_names) {
  offer_.long_context_threshold_tokens = 200'000;
  offer_.long_rates = offer_.rates;
  offer_.long_rates.at(static_cast<std::size_t>(TokenClass::input)) = 8'000'000;
  const auto table = after();
  const auto rates = rates_in_force(*table.find(Provider::openai, "gpt-x"), 200'001, kToday).rates;
  EXPECT_EQ(rates[TokenClass::input], 8'000'000);
  EXPECT_EQ(rates[TokenClass::cache_write_12h], 20'000'000);
}

TEST_F(ImportedPrice, takes_a_modifier_that_differs) {
  offer_.modifiers = {{"service_tier", "priority", 5, 3}};
  const auto table = after();
  TokenCounts counts;
  counts[TokenClass::input] = 3;
  const auto* model = table.find(Provider::openai, "gpt-x");
  const ServiceTerms priority{.service_tier = "priority", .speed = "", .inference_geo = ""};
  EXPECT_EQ(table.cost(*model, counts, priority, kToday).actual, 10'000'000);
  EXPECT_EQ(table.cost(*model, counts, priority, kToday - kDay).actual, 12'000'000);
}

TEST_F(ImportedPrice, does_not_change_what_the_table_knows_apart_from_prices) {
  offer_.min_cacheable_tokens = 4096;
  names(TokenClass::output, 12'000'000);
  const auto table = after();
  const auto* model = table.find(Provider::openai, "gpt-x");
  EXPECT_EQ(model->context_window_tokens, 400'000u);
  EXPECT_EQ(model->min_cacheable_tokens, 1024u);
  EXPECT_TRUE(model->explicit_breakpoints);
}

TEST_F(ImportedPrice, says_where_it_is_from) {
  names(TokenClass::output, 12'000'000);
  const auto table = after();
  EXPECT_EQ(period_at(*table.find(Provider::openai, "gpt-x"), kToday).source,
            "LiteLLM file prices.json, imported 2026-11-26");
}

TEST_F(ImportedPrice, of_an_unknown_model_holds_for_all_time_before_too) {
  of_claude("claude-y", 3'000'000);
  EXPECT_EQ(weighed().verdict, Verdict::added);
  const auto table = after();
  EXPECT_TRUE(has_price(*table.find(Provider::anthropic, "claude-y"), TimePoint{}));
}

TEST_F(ImportedPrice, of_an_unknown_model_holds_from_a_given_day_on) {
  of_claude("claude-y", 3'000'000);
  import_.from = kToday;
  const auto table = after();
  const auto& model = *table.find(Provider::anthropic, "claude-y");
  EXPECT_FALSE(has_price(model, kToday - std::chrono::seconds(1)));
  EXPECT_TRUE(has_price(model, kToday));
}

TEST_F(ImportedPrice, of_a_dated_name_that_differs_becomes_an_entry_of_its_own) {
  of_claude("claude-x-20260101", 3'000'000);
  EXPECT_EQ(cost(TokenClass::input, kToday), 3'000'000);
  EXPECT_EQ(cost(TokenClass::input, kToday - kDay), 4'000'000);
  EXPECT_EQ(after().find(Provider::anthropic, "claude-x")->prices.size(), 1u);
}

TEST_F(ImportedPrice, of_a_dated_name_that_does_not_differ_is_the_same) {
  of_claude("claude-x-20260101", 4'000'000);
  EXPECT_EQ(weighed().verdict, Verdict::same);
}

TEST_F(ImportedPrice, that_the_rules_speak_against_is_refused) {
  of_claude("claude-x", 4'000'000);
  names(TokenClass::cache_write_1h, 6'000'000);
  EXPECT_EQ(weighed().verdict, Verdict::refused);
  EXPECT_EQ(weighed().reason, "from 2026-11-26: cache_write_1h 6 is not 2x of input 4");
}

TEST_F(ImportedPrice, with_a_read_dearer_than_input_is_refused) {
  of_claude("claude-x", 4'000'000);
  names(TokenClass::cache_read, 4'000'001);
  EXPECT_EQ(weighed().verdict, Verdict::refused);
}

TEST_F(ImportedPrice, of_an_unknown_claude_without_its_writes_is_refused) {
  of_claude("claude-y", 4'000'000);
  offer_.rates.at(static_cast<std::size_t>(TokenClass::cache_write_1h)).reset();
  EXPECT_EQ(weighed().reason, "no price for cache_write_1h");
}

TEST_F(ImportedPrice, of_an_unknown_model_without_a_window_is_refused) {
  of_claude("claude-y", 4'000'000);
  offer_.context_window_tokens.reset();
  EXPECT_EQ(weighed().reason, "no context window");
}

TEST_F(ImportedPrice, goes_behind_an_entry_that_is_newer) {
  names(TokenClass::output, 12'000'000);
  import_.imported = std::chrono::sys_days(std::chrono::year(2026) / 11 / 9);
  EXPECT_EQ(weighed().reason, "the table's own entry is newer: 2026-11-10");
  EXPECT_EQ(cost(TokenClass::output, kToday), 10'000'000);
}

TEST_F(ImportedPrice, of_the_same_day_replaces_the_one_before) {
  names(TokenClass::output, 12'000'000);
  import_.offers = {offer_};
  auto second = import_;
  second.offers.front().rates.at(static_cast<std::size_t>(TokenClass::output)) = 11'000'000;
  const std::vector<PriceImport> both{import_, second};
  const auto table = with_imports(table_, both);
  const auto* model = table.find(Provider::openai, "gpt-x");
  EXPECT_EQ(period_at(*model, kToday).rates[TokenClass::output], 11'000'000);
  EXPECT_EQ(model->prices.size(), 3u);
  EXPECT_EQ(table.version(), "2026-11-23+2");
}

TEST_F(ImportedPrice, is_the_same_after_it_was_written_and_read) {
  of_claude("claude-y", 3'000'000);
  offer_.long_context_threshold_tokens = 200'000;
  offer_.long_rates = offer_.rates;
  offer_.modifiers = {{"speed", "fast", 6, 1}, {"inference_geo", "us", 11, 10}};
  offer_.max_output_tokens = 64'000;
  offer_.min_cacheable_tokens = 512;
  offer_.retires = "2027-01-14";
  const auto read = parse_offers(offers_json({&offer_, 1}));
  ASSERT_TRUE(read) << read.error().message;
  const auto& got = read->front();
  EXPECT_EQ(got.rates, offer_.rates);
  EXPECT_EQ(got.long_rates, offer_.long_rates);
  EXPECT_EQ(got.long_context_threshold_tokens, offer_.long_context_threshold_tokens);
  EXPECT_EQ(got.modifiers, offer_.modifiers);
  EXPECT_EQ(got.max_output_tokens, offer_.max_output_tokens);
  EXPECT_EQ(got.min_cacheable_tokens, offer_.min_cacheable_tokens);
  EXPECT_EQ(got.retires, offer_.retires);
}

TEST(Offers, name_what_is_wrong_with_which) {
  const auto error = [](std::string_view json) {
    const auto offers = parse_offers(json);
    return offers ? "none" : offers.error().message;
  };
  EXPECT_EQ(error("{}"), "the models have to be a JSON array");
  EXPECT_EQ(error(R"([{"name":"m","provider":"acme","rates":{}}])"),
            "model 'm': 'provider' must be anthropic, openai or gemini");
  EXPECT_EQ(error(R"([{"name":"m","provider":"openai","rates":{"input":"1"}}])"),
            "model 'm', rates: 'output' is missing");
  EXPECT_EQ(error(R"([{"name":"","provider":"openai"}])"),
            "model 1: 'name' must have 1 to 256 bytes");
  const std::string one = R"({"name":"m","provider":"openai","rates":{"input":"1","output":"2"}})";
  EXPECT_EQ(error("[" + one + "," + one + "]"), "model 'm' is there twice");
}

}  // namespace
}  // namespace foreword::config
