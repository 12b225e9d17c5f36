// The table that is compiled in: what holds for every one of its models, and who is found in it.
#include <set>

#include <gtest/gtest.h>

#include "config/model_families.h"
#include "config/models.h"

namespace foreword::config {
namespace {

const Model* find(Provider provider, std::string_view name) {
  return ModelTable::built_in().find(provider, name);
}

std::string found(Provider provider, std::string_view name) {
  const auto* model = find(provider, name);
  return model == nullptr ? "nothing" : model->name;
}

TEST(EveryModel, has_a_price_for_every_class) {
  for (const auto& model : ModelTable::built_in().models()) {
    SCOPED_TRACE(model.name);
    for (const auto& period : model.prices) {
      for (const auto rate : period.rates.per_token) EXPECT_GT(rate, 0);
      for (const auto rate : period.long_rates.per_token) EXPECT_GT(rate, 0);
    }
  }
}

TEST(EveryModel, reads_from_the_cache_at_most_at_the_input_price) {
  for (const auto& model : ModelTable::built_in().models()) {
    SCOPED_TRACE(model.name);
    for (const auto& period : model.prices) {
      EXPECT_LE(period.rates[TokenClass::cache_read], period.rates[TokenClass::input]);
    }
  }
}

TEST(EveryModel, writes_to_the_cache_at_least_at_the_input_price) {
  for (const auto& model : ModelTable::built_in().models()) {
    SCOPED_TRACE(model.name);
    for (const auto& period : model.prices) {
      for (const auto write : {TokenClass::cache_write_5m, TokenClass::cache_write_1h,
                               TokenClass::cache_write_30m, TokenClass::cache_write_12h}) {
        EXPECT_GE(period.rates[write], period.rates[TokenClass::input]);
        EXPECT_GE(period.long_rates[write], period.long_rates[TokenClass::input]);
      }
    }
  }
}

TEST(EveryModel, costs_more_to_write_for_longer) {
  for (const auto& model : ModelTable::built_in().models()) {
    SCOPED_TRACE(model.name);
    for (const auto& period : model.prices) {
      EXPECT_LE(period.rates[TokenClass::cache_write_5m], period.rates[TokenClass::cache_write_1h]);
      EXPECT_LE(period.rates[TokenClass::cache_write_30m],
                period.rates[TokenClass::cache_write_12h]);
    }
  }
}

TEST(EveryModel, is_never_cheaper_beyond_its_long_context_threshold) {
  for (const auto& model : ModelTable::built_in().models()) {
    SCOPED_TRACE(model.name);
    for (const auto& period : model.prices) {
      for (std::size_t i = 0; i < kTokenClasses; ++i) {
        EXPECT_GE(period.long_rates.per_token[i], period.rates.per_token[i]);
      }
    }
  }
}

TEST(EveryModel, generates_at_more_than_the_input_price) {
  for (const auto& model : ModelTable::built_in().models()) {
    SCOPED_TRACE(model.name);
    for (const auto& period : model.prices) {
      EXPECT_GT(period.rates[TokenClass::output], period.rates[TokenClass::input]);
    }
  }
}

TEST(EveryModel, has_a_window_that_holds_its_smallest_cacheable_prefix) {
  for (const auto& model : ModelTable::built_in().models()) {
    SCOPED_TRACE(model.name);
    EXPECT_GE(model.context_window_tokens, 100'000u);
    EXPECT_LT(model.min_cacheable_tokens.value_or(0), model.context_window_tokens);
  }
}

TEST(EveryModel, says_where_and_when_its_facts_are_from) {
  for (const auto& model : ModelTable::built_in().models()) {
    SCOPED_TRACE(model.name);
    EXPECT_FALSE(model.source.empty());
    EXPECT_TRUE(model.as_of.starts_with("2026-")) << model.as_of;
  }
}

TEST(EveryModel, has_tokens_of_a_plausible_size) {
  for (const auto& model : ModelTable::built_in().models()) {
    SCOPED_TRACE(model.name);
    EXPECT_GT(model.bytes_per_token, 2.0);
    EXPECT_LT(model.bytes_per_token, 6.0);
  }
}

TEST(EveryModel, is_found_by_its_name) {
  for (const auto& model : ModelTable::built_in().models()) {
    EXPECT_EQ(find(model.provider, model.name), &model) << model.name;
  }
}

TEST(BuiltInTable, has_fifty_models_and_the_one_dated_name_with_its_own_price) {
  EXPECT_EQ(ModelTable::built_in().models().size(), 51u);
}

TEST(BuiltInTable, knows_all_three_providers) {
  std::set<Provider> providers;
  for (const auto& model : ModelTable::built_in().models()) providers.insert(model.provider);
  EXPECT_EQ(providers.size(), 3u);
}

TEST(BuiltInTable, names_its_version_by_date) {
  EXPECT_EQ(ModelTable::built_in().version(), "2026-11-26");
}

TEST(BuiltInTable, offers_explicit_breakpoints_from_gpt_5_6_on) {
  EXPECT_TRUE(find(Provider::openai, "gpt-5.6-luna")->explicit_breakpoints);
  EXPECT_TRUE(find(Provider::openai, "gpt-6-astra")->explicit_breakpoints);
  EXPECT_TRUE(find(Provider::openai, "gpt-6.2-sol")->explicit_breakpoints);
  EXPECT_FALSE(find(Provider::openai, "gpt-5.5")->explicit_breakpoints);
  EXPECT_FALSE(find(Provider::anthropic, "claude-opus-5-5")->explicit_breakpoints);
}

TEST(BuiltInTable, knows_that_newer_claude_models_count_more_tokens) {
  EXPECT_LT(find(Provider::anthropic, "claude-opus-4-7")->bytes_per_token,
            find(Provider::anthropic, "claude-sonnet-4-6")->bytes_per_token);
}

// 0.5 USD per Mtok and hour is 500,000 picodollars per token and hour; doubled from 2027 on.
TEST(BuiltInTable, knows_what_storing_an_explicit_cache_costs_and_when_that_changes) {
  const auto* flash = find(Provider::gemini, "gemini-3.8-flash");
  EXPECT_EQ(flash->prices.at(0).storage_per_token_hour, 500'000);
  EXPECT_EQ(flash->prices.at(1).storage_per_token_hour, 1'000'000);
  EXPECT_EQ(find(Provider::gemini, "gemini-2.5-pro")->prices.at(0).storage_per_token_hour,
            4'500'000);
  EXPECT_EQ(find(Provider::gemini, "gemini-4-argon")->prices.at(0).storage_per_token_hour,
            std::nullopt);
}

TEST(BuiltInTable, knows_the_largest_answer) {
  EXPECT_EQ(find(Provider::openai, "gpt-4o")->max_output_tokens, 16'384u);
}

TEST(ClosestModel, is_found_in_spite_of_points_in_names) {
  EXPECT_EQ(closest_model(ModelTable::built_in(), "gtp-5.2"), "gpt-5.2");
  EXPECT_EQ(closest_model(ModelTable::built_in(), "claude-opus-55"), "claude-opus-5");
  EXPECT_EQ(closest_model(ModelTable::built_in(), "llama-3"), std::nullopt);
}

TEST(BuiltInTable, knows_when_a_model_is_switched_off) {
  EXPECT_EQ(find(Provider::openai, "gpt-5")->retires, "2026-12-11");
  EXPECT_EQ(find(Provider::openai, "gpt-6.2-sol")->retires, "");
}

TEST(ModelName, is_found_with_a_compact_date) {
  EXPECT_EQ(found(Provider::anthropic, "claude-haiku-4-5-20251001"), "claude-haiku-4-5");
}

TEST(ModelName, is_found_with_a_dashed_date) {
  EXPECT_EQ(found(Provider::openai, "gpt-5-2025-08-07"), "gpt-5");
}

TEST(ModelName, is_found_with_latest) {
  EXPECT_EQ(found(Provider::anthropic, "claude-sonnet-4-5-latest"), "claude-sonnet-4-5");
}

TEST(ModelName, is_found_with_its_collection_in_front) {
  EXPECT_EQ(found(Provider::gemini, "models/gemini-2.5-pro"), "gemini-2.5-pro");
}

TEST(ModelName, is_not_found_by_likeness) {
  EXPECT_EQ(found(Provider::openai, "gpt-5-nano-extra"), "nothing");
  EXPECT_EQ(found(Provider::openai, "gpt-5-20250"), "nothing");
  EXPECT_EQ(found(Provider::openai, "ft:gpt-4o:team::id"), "nothing");
  EXPECT_EQ(found(Provider::openai, "GPT-5"), "nothing");
}

TEST(ModelName, belongs_to_its_provider) {
  EXPECT_EQ(found(Provider::openai, "claude-opus-5-5"), "nothing");
}

TEST(ModelName, that_is_only_a_date_or_empty_is_not_found) {
  EXPECT_EQ(found(Provider::openai, "-2025-08-07"), "nothing");
  EXPECT_EQ(found(Provider::openai, "-latest"), "nothing");
  EXPECT_EQ(found(Provider::openai, ""), "nothing");
}

TEST(UnknownModel, is_estimated_with_the_providers_most_token_hungry_tokeniser) {
  const auto& table = ModelTable::built_in();
  EXPECT_DOUBLE_EQ(table.fallback_bytes_per_token(Provider::anthropic), 2.75);
  EXPECT_DOUBLE_EQ(table.fallback_bytes_per_token(Provider::openai), 4.4);
}

}  // namespace
}  // namespace foreword::config
