// What `foreword prices check` finds: the providers' rules, ages and days to come.
#include "config/price_check.h"

#include <gtest/gtest.h>

#include "config/price_text.h"

namespace foreword::config {
namespace {

constexpr TimePoint kToday = std::chrono::sys_days(std::chrono::year(2026) / 11 / 26);

/// One good model; each test makes one thing of it wrong.
class CheckedModel : public testing::Test {
 protected:
  void replace(std::string_view what, std::string_view with) {
    const auto at = text_.find(what);
    ASSERT_NE(at, std::string::npos);
    text_.replace(at, what.size(), with);
  }
  /// "level: what" of each finding, a line each.
  std::string found() {
    CheckQuestion question;
    question.today = kToday;
    std::string all;
    for (const auto& finding : check_prices(ModelTable::parse(text_).value(), question)) {
      all += std::string(name_of(finding.level)) + ": " + finding.what + "\n";
    }
    return all;
  }

  std::string text_ = R"({
    "version": "2026-11-23", "sources": {}, "modifiers": {},
    "models": [{
      "name": "m", "provider": "anthropic",
      "usd_per_mtok": [
        {"rates": {"input": "2", "cache_read": "0.2", "cache_write_5m": "2.5",
                   "cache_write_1h": "4", "output": "10"},
         "long_context": {"above_prompt_tokens": 1000, "rates":
          {"input": "4", "cache_read": "0.4", "cache_write_5m": "5",
           "cache_write_1h": "8", "output": "15"}}}],
      "context_window_tokens": 2000, "min_cacheable_tokens": null, "explicit_breakpoints": false,
      "bytes_per_token": 4, "retires": null, "as_of": "2026-11-10", "source": "test", "notes": ""
    }]})";
};

TEST_F(CheckedModel, that_is_right_has_no_findings) {
  EXPECT_EQ(found(), "");
}

TEST_F(CheckedModel, writes_for_five_minutes_at_1_25x) {
  replace(R"("cache_write_5m": "2.5")", R"("cache_write_5m": "2.4")");
  EXPECT_EQ(found(), "error: cache_write_5m 2.4 is not 1.25x of input 2\n");
}

TEST_F(CheckedModel, writes_for_an_hour_at_2x) {
  replace(R"("cache_write_1h": "4")", R"("cache_write_1h": "3")");
  EXPECT_EQ(found(), "error: cache_write_1h 3 is not 2x of input 2\n");
}

TEST_F(CheckedModel, writes_at_no_less_than_input) {
  replace(R"("cache_write_5m": "2.5")", R"("cache_write_5m": "1")");
  EXPECT_EQ(found(), "error: cache_write_5m 1 is cheaper than input 2\n");
}

TEST_F(CheckedModel, reads_at_no_more_than_input) {
  replace(R"("cache_read": "0.2")", R"("cache_read": "3")");
  EXPECT_NE(found().find("error: cache_read 3 is dearer than input 2\n"), std::string::npos);
}

TEST_F(CheckedModel, reads_at_a_ratio_that_a_provider_uses) {
  replace(R"("cache_read": "0.2")", R"("cache_read": "0.3")");
  EXPECT_NE(found().find("warning: cache_read 0.3 of input 2 is a ratio that no provider uses\n"),
            std::string::npos);
}

TEST_F(CheckedModel, costs_something) {
  replace(R"("output": "10")", R"("output": "0")");
  EXPECT_NE(found().find("error: output costs nothing"), std::string::npos);
}

TEST_F(CheckedModel, is_no_cheaper_with_a_long_prompt) {
  replace(R"("output": "15")", R"("output": "9")");
  EXPECT_EQ(found(), "error: long-context output 9 is below 10\n");
}

TEST_F(CheckedModel, reads_a_long_prompt_at_the_same_ratio) {
  replace(R"("cache_read": "0.4")", R"("cache_read": "0.6")");
  EXPECT_EQ(found(),
            "warning: long-context cache_read 0.6 has not the ratio to input that 0.2 "
            "has without it\n");
}

TEST_F(CheckedModel, writes_a_long_prompt_by_the_same_rule) {
  replace(R"("cache_write_1h": "8")", R"("cache_write_1h": "7")");
  EXPECT_EQ(found(), "error: long-context cache_write_1h 7 is not 2x of input 4\n");
}

TEST_F(CheckedModel, of_openai_may_write_for_nothing) {
  replace("anthropic", "openai");
  EXPECT_EQ(found(), "");
}

TEST_F(CheckedModel, that_was_switched_off_is_named) {
  replace(R"("retires": null)", R"("retires": "2026-11-26")");
  EXPECT_EQ(found(), "warning: was switched off on 2026-11-26\n");
}

TEST_F(CheckedModel, that_will_be_switched_off_soon_is_named_with_the_days_left) {
  replace(R"("retires": null)", R"("retires": "2027-01-25")");
  EXPECT_EQ(found(), "warning: is switched off on 2027-01-25, in 60 days\n");
}

TEST_F(CheckedModel, that_will_be_switched_off_later_is_not_named) {
  replace(R"("retires": null)", R"("retires": "2027-01-26")");
  EXPECT_EQ(found(), "");
}

TEST_F(CheckedModel, whose_price_is_old_is_named) {
  replace("2026-11-10", "2026-08-27");
  EXPECT_EQ(found(), "warning: its price is 91 days old (2026-08-27)\n");
}

TEST_F(CheckedModel, whose_price_is_just_young_enough_is_not_named) {
  replace("2026-11-10", "2026-08-28");
  EXPECT_EQ(found(), "");
}

TEST_F(CheckedModel, whose_price_has_no_age_is_named) {
  replace("2026-11-10", "recently");
  EXPECT_EQ(found(), "warning: nobody knows how old its price is: 'as_of' is no date\n");
}

TEST_F(CheckedModel, whose_price_changes_soon_is_noted) {
  replace(R"("output": "15"}}}])",
          R"("output": "15"}}}, {"from": "2026-12-01", "rates": {"input": "4", "cache_read": "0.4",
             "cache_write_5m": "5", "cache_write_1h": "8", "output": "20"}}])");
  EXPECT_EQ(found(),
            "note: from 2026-12-01 on input costs 4 instead of 2, output 20 instead of 10\n");
}

TEST(BuiltInTable, has_nothing_that_would_make_a_bill_wrong) {
  for (const auto& model : ModelTable::built_in().models()) {
    for (const auto& error : price_errors(model, kToday)) {
      ADD_FAILURE() << model.name << ": " << error.what;
    }
  }
}

}  // namespace
}  // namespace foreword::config
