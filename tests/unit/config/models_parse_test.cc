#include <gtest/gtest.h>

#include "config/models.h"

namespace foreword::config {
namespace {

/// One good table; each test breaks one thing of it.
class ParsedTable : public testing::Test {
 protected:
  void replace(std::string_view what, std::string_view with) {
    const auto at = text_.find(what);
    ASSERT_NE(at, std::string::npos);
    text_.replace(at, what.size(), with);
  }
  std::string error() {
    const auto table = ModelTable::parse(text_);
    return table ? "none" : table.error().message;
  }
  bool refused_naming(std::string_view words) {
    return error().find(words) != std::string::npos && error().find('\n') == std::string::npos;
  }

  std::string text_ = R"({
    "version": "2026-11-23", "sources": {},
    "modifiers": {"openai": {"service_tier": {"flex": 50}}},
    "models": [{
      "name": "m", "provider": "openai",
      "usd_per_mtok": [
        {"rates": {"input": "2", "output": "10"}},
        {"from": "2027-01-01", "rates": {"input": "4", "output": "20"}}
      ],
      "context_window_tokens": 1000, "min_cacheable_tokens": null, "explicit_breakpoints": false,
      "bytes_per_token": 4, "retires": null, "as_of": "2026", "source": "test", "notes": ""
    }]})";
};

TEST_F(ParsedTable, that_is_right_has_its_models) {
  ASSERT_EQ(error(), "none");
  EXPECT_EQ(ModelTable::parse(text_)->models().front().name, "m");
}

TEST_F(ParsedTable, refuses_text_that_is_not_json) {
  text_ = "{";
  EXPECT_TRUE(refused_naming("not a JSON object"));
}

TEST_F(ParsedTable, refuses_json_that_is_no_object) {
  text_ = "[1]";
  EXPECT_TRUE(refused_naming("not a JSON object"));
}

TEST_F(ParsedTable, takes_a_price_of_one_picodollar_per_token) {
  replace(R"("input": "2")", R"("input": "0.000001")");
  const auto table = ModelTable::parse(text_).value();
  EXPECT_EQ(table.models().front().prices.front().rates[TokenClass::input], 1);
}

TEST_F(ParsedTable, refuses_a_price_that_is_a_fraction_of_a_picodollar) {
  replace(R"("input": "2")", R"("input": "0.0000015")");
  EXPECT_TRUE(refused_naming("model 'm', price period 1, rates: 'input'"));
}

TEST_F(ParsedTable, refuses_prices_that_are_no_plain_decimals) {
  for (const auto* price : {"", ".5", "5.", "-1", "+1", "1e3", "0x1", "1,5", "10000", "1.2.3"}) {
    auto good = text_;
    replace(R"("input": "2")", std::string(R"("input": ")") + price + '"');
    EXPECT_TRUE(refused_naming("'input' must be USD per million tokens")) << price;
    text_ = good;
  }
}

TEST_F(ParsedTable, refuses_a_price_as_a_number_which_need_not_be_exact) {
  replace(R"("input": "2")", R"("input": 0.1)");
  EXPECT_TRUE(refused_naming("'input' must be a string"));
}

TEST_F(ParsedTable, refuses_a_misspelt_rate_which_would_silently_cost_the_input_price) {
  replace(R"("output": "10")", R"("output": "10", "cache_raed": "1")");
  EXPECT_TRUE(refused_naming("'cache_raed' is not a known key"));
}

TEST_F(ParsedTable, refuses_a_model_without_an_output_price) {
  replace(R"(, "output": "10")", "");
  EXPECT_TRUE(refused_naming("'output' is missing"));
}

TEST_F(ParsedTable, refuses_a_model_that_is_there_twice) {
  const auto model = text_.substr(text_.find("[{") + 1, text_.rfind("}]") - text_.find("[{"));
  replace("[{", "[" + model + ",{");
  EXPECT_TRUE(refused_naming("model 'm' is there twice"));
}

TEST_F(ParsedTable, refuses_an_unknown_provider) {
  replace(R"("provider": "openai")", R"("provider": "acme")");
  EXPECT_TRUE(refused_naming("'provider' must be anthropic, openai or gemini"));
}

TEST_F(ParsedTable, refuses_a_date_that_no_calendar_has) {
  replace("2027-01-01", "2027-02-29");
  EXPECT_TRUE(refused_naming("price period 2: 'from' must be a date"));
}

TEST_F(ParsedTable, refuses_periods_out_of_order) {
  replace(R"(, "output": "20"}})",
          R"(, "output": "20"}}, {"from": "2027-01-01", "rates": {"input": "1", "output": "2"}})");
  EXPECT_TRUE(refused_naming("price period 3: 'from' must be later"));
}

TEST_F(ParsedTable, refuses_a_model_without_prices) {
  const auto from = text_.find(R"({"rates")");
  text_.erase(from, text_.find("],", from) - from);
  EXPECT_TRUE(refused_naming("'usd_per_mtok' must hold at least one period"));
}

TEST_F(ParsedTable, refuses_a_modifier_that_is_no_whole_percent) {
  replace(R"("flex": 50)", R"("flex": 0.5)");
  EXPECT_TRUE(refused_naming("'flex' must be a whole percent"));
}

TEST_F(ParsedTable, takes_a_modifier_that_is_a_fraction) {
  replace(R"("flex": 50)", R"("flex": "10/6")");
  const auto table = ModelTable::parse(text_).value();
  const auto modifiers = table.modifiers(table.models().front(), kAlways);
  ASSERT_EQ(modifiers.size(), 1u);
  EXPECT_EQ(modifiers.front(), (PriceModifier{"service_tier", "flex", 5, 3}));
}

TEST_F(ParsedTable, refuses_fractions_that_are_none) {
  for (const auto* fraction : {"1", "/", "1/", "/2", "0/1", "1/0", "-1/2", "1/2/3", "1/1000001"}) {
    auto good = text_;
    replace(R"("flex": 50)", std::string(R"("flex": ")") + fraction + '"');
    EXPECT_TRUE(refused_naming("'flex' must be a whole percent")) << fraction;
    text_ = good;
  }
}

TEST_F(ParsedTable, puts_a_models_own_modifier_before_its_providers) {
  replace(R"("context_window_tokens")",
          R"("modifiers": {"service_tier": {"flex": 40}}, "context_window_tokens")");
  const auto table = ModelTable::parse(text_).value();
  const auto modifiers = table.modifiers(table.models().front(), kAlways);
  ASSERT_EQ(modifiers.size(), 1u);
  EXPECT_EQ(modifiers.front(), (PriceModifier{"service_tier", "flex", 2, 5}));
}

TEST_F(ParsedTable, refuses_a_tier_that_leaves_out_a_price) {
  replace(R"({"rates": {"input": "2", "output": "10"}})",
          R"({"rates": {"input": "2", "cache_read": "1", "output": "10"},
              "long_context": {"above_prompt_tokens": 10,
                               "rates": {"input": "4", "output": "9"}}})");
  EXPECT_TRUE(refused_naming("long_context, rates: 'cache_read' is missing"));
}

TEST_F(ParsedTable, refuses_a_modifier_of_an_unknown_term) {
  replace(R"("service_tier")", R"("tier")");
  EXPECT_TRUE(refused_naming("'tier' is not a known key"));
}

TEST_F(ParsedTable, refuses_a_window_below_one) {
  replace(R"("context_window_tokens": 1000)", R"("context_window_tokens": -1)");
  EXPECT_TRUE(refused_naming("'context_window_tokens' must be a whole number"));
}

TEST_F(ParsedTable, refuses_a_version_that_is_no_date) {
  replace("2026-11-23", "newest");
  EXPECT_TRUE(refused_naming("'version' must be a date"));
}

}  // namespace
}  // namespace foreword::config
