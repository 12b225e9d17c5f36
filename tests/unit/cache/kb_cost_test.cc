// What a knowledge base will cost, against sums made by hand. $2 per million tokens is 2,000,000
// picodollars for each.
#include "cache/kb_cost.h"

#include <gtest/gtest.h>

namespace foreword::cache {
namespace {

using config::Provider;

constexpr config::TimePoint kNovember = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);

/// One byte a token: sizes in bytes are sizes in tokens.
TokenRatio exact_ratio() {
  TokenRatio ratio;
  ratio.bytes_per_token = 1;
  return ratio;
}

KbCost cost_of(Provider provider, const char* name, const KbSizes& sizes,
               const TokenRatio& ratio = exact_ratio()) {
  const auto* model = config::ModelTable::built_in().find(provider, name);
  EXPECT_NE(model, nullptr) << name;
  return kb_cost(*model, ratio, sizes, kNovember);
}

/// 200,000 tokens, of which an update left 180,000 warm; by path, 90,000 would have been.
KbSizes handbook() {
  KbSizes sizes;
  sizes.layers = {150'000, 30'000, 20'000};
  sizes.kept_layers = 2;
  sizes.path_order_bytes = 110'000;
  return sizes;
}

TEST(KbCost, CountsEachLayerAndTheShareOfTheWindow) {
  const auto cost = cost_of(Provider::anthropic, "claude-sonnet-5-5", handbook());
  EXPECT_EQ(cost.layer_tokens, (std::vector<std::uint64_t>{150'000, 30'000, 20'000}));
  EXPECT_EQ(cost.tokens, 200'000u);
  EXPECT_DOUBLE_EQ(cost.window_share, 0.2);
}

TEST(KbCost, TakesWhatWasCountedOfALayerInPlaceOfTheRatio) {
  const auto* model = config::ModelTable::built_in().find(Provider::anthropic, "claude-sonnet-5-5");
  const std::vector<std::uint64_t> counted = {140'000, 31'000, 19'000};
  const auto cost = kb_cost(*model, exact_ratio(), handbook(), kNovember, counted);
  EXPECT_EQ(cost.layer_tokens, counted);
  EXPECT_EQ(cost.tokens, 190'000u);
  EXPECT_EQ(cost.rewritten.tokens, 19'000u);
}

// Write 2.5, read 0.1: cold 200,000 x 2.5 = $0.50, warm 200,000 x 0.1 = $0.02.
// Re-written: 20,000 x 2.5 = $0.05. By path 110,000 x 2.5 = $0.275.
TEST(KbCost, OfClaudePaysForWritesOfFiveMinutes) {
  const auto cost = cost_of(Provider::anthropic, "claude-sonnet-5-5", handbook());
  EXPECT_EQ(config::to_usd(cost.cold), "0.5");
  EXPECT_EQ(config::to_usd(cost.warm), "0.02");
  EXPECT_EQ(cost.rewritten.tokens, 20'000u);
  EXPECT_EQ(config::to_usd(cost.rewritten.cost), "0.05");
  EXPECT_EQ(cost.path_order.tokens, 110'000u);
  EXPECT_EQ(config::to_usd(cost.path_order.cost), "0.275");
  EXPECT_FALSE(cost.long_context);
}

// gpt-6.2-sol, 30m write 2.5, read 0.1: the same.
TEST(KbCost, OfOpenAiFrom56OnPaysForWritesOfThirtyMinutes) {
  const auto cost = cost_of(Provider::openai, "gpt-6.2-sol", handbook());
  EXPECT_EQ(config::to_usd(cost.cold), "0.5");
  EXPECT_EQ(config::to_usd(cost.warm), "0.02");
  EXPECT_EQ(config::to_usd(cost.rewritten.cost), "0.05");
}

// gpt-5-nano, input 0.05, read 0.005: cold 200,000 x 0.05 = $0.01, warm $0.001,
// re-written 20,000 x 0.05 = $0.001.
TEST(KbCost, OfOpenAiBefore56WritesAtTheInputPrice) {
  const auto cost = cost_of(Provider::openai, "gpt-5-nano", handbook());
  EXPECT_EQ(config::to_usd(cost.cold), "0.01");
  EXPECT_EQ(config::to_usd(cost.warm), "0.001");
  EXPECT_EQ(config::to_usd(cost.rewritten.cost), "0.001");
}

// gemini-2.5-flash, input 0.3, read 0.03: cold $0.06, warm $0.006, re-written $0.006.
TEST(KbCost, OfGeminiWritesAtTheInputPrice) {
  const auto cost = cost_of(Provider::gemini, "gemini-2.5-flash", handbook());
  EXPECT_EQ(config::to_usd(cost.cold), "0.06");
  EXPECT_EQ(config::to_usd(cost.warm), "0.006");
  EXPECT_EQ(config::to_usd(cost.rewritten.cost), "0.006");
}

// gemini-2.5-pro: input 1.25, read 0.125 up to 200,000 tokens; 2.5 and 0.25 above.
// At 200,000: cold $0.25, warm $0.025. At 200,001: cold $0.5000025, warm $0.05000025.
TEST(KbCost, OfALongContextIsWhollyAtItsPrices) {
  const auto at_limit = cost_of(Provider::gemini, "gemini-2.5-pro", handbook());
  EXPECT_FALSE(at_limit.long_context);
  EXPECT_EQ(config::to_usd(at_limit.cold), "0.25");
  EXPECT_EQ(config::to_usd(at_limit.warm), "0.025");

  auto sizes = handbook();
  ++sizes.layers.back();
  const auto above = cost_of(Provider::gemini, "gemini-2.5-pro", sizes);
  EXPECT_TRUE(above.long_context);
  EXPECT_EQ(config::to_usd(above.cold), "0.5000025");
  EXPECT_EQ(config::to_usd(above.warm), "0.05000025");
  EXPECT_EQ(config::to_usd(above.rewritten.cost), "0.0500025");
}

// claude-sonnet-5-5 caches from 512 tokens on: 511 x 2 = $0.001022 each time.
TEST(KbCost, BelowTheLeastThatIsCachedIsPlainInput) {
  KbSizes sizes;
  sizes.layers = {511};
  const auto cost = cost_of(Provider::anthropic, "claude-sonnet-5-5", sizes);
  EXPECT_FALSE(cost.cacheable);
  EXPECT_EQ(config::to_usd(cost.cold), "0.001022");
  EXPECT_EQ(config::to_usd(cost.warm), "0.001022");
}

TEST(KbCost, AFirstLayerTooShortForTheCacheDoesNotStayWarm) {
  KbSizes sizes;
  sizes.layers = {511, 1000};
  sizes.kept_layers = 1;
  EXPECT_EQ(cost_of(Provider::anthropic, "claude-sonnet-5-5", sizes).rewritten.tokens, 1511u);
  sizes.layers = {512, 1000};
  EXPECT_EQ(cost_of(Provider::anthropic, "claude-sonnet-5-5", sizes).rewritten.tokens, 1000u);
}

TEST(KbCost, WithoutAnUpdateRewritesNothing) {
  auto sizes = handbook();
  sizes.kept_layers = 3;
  sizes.path_order_bytes = 0;
  const auto cost = cost_of(Provider::anthropic, "claude-sonnet-5-5", sizes);
  EXPECT_EQ(cost.rewritten.tokens, 0u);
  EXPECT_EQ(cost.path_order.tokens, 0u);
}

// Of 1,000,000 tokens' room, within 15 %: up to 869,565 surely fits, from 1,176,471 on surely not.
TEST(KbCost, IsSureOfTheFitOnlyBeyondTheError) {
  auto ratio = exact_ratio();
  ratio.error = 0.15;
  const auto fit = [&](std::uint64_t bytes) {
    KbSizes sizes;
    sizes.layers = {bytes};
    return cost_of(Provider::anthropic, "claude-sonnet-5-5", sizes, ratio).fit;
  };
  EXPECT_EQ(fit(869'565), Fit::fits);
  EXPECT_EQ(fit(869'566), Fit::may_fit);
  EXPECT_EQ(fit(1'176'470), Fit::may_fit);
  EXPECT_EQ(fit(1'176'471), Fit::too_large);
}

// claude-sonnet-5-5: 2.5 and 0.1 of 2; gemini-3.8-flash writes free and reads at a tenth.
TEST(KbCost, CachePricesAreMultiplesOfPlainInputAndOfSeveralModelsTheMean) {
  const auto& table = config::ModelTable::built_in();
  const auto* sonnet = table.find(Provider::anthropic, "claude-sonnet-5-5");
  const auto* flash = table.find(Provider::gemini, "gemini-3.8-flash");
  const config::Model* one[] = {sonnet};
  const auto of_one = cache_prices(one, 100'000, kNovember);
  EXPECT_DOUBLE_EQ(of_one.write, 1.25);
  EXPECT_DOUBLE_EQ(of_one.read, 0.05);
  const config::Model* both[] = {sonnet, flash};
  const auto of_both = cache_prices(both, 100'000, kNovember);
  EXPECT_DOUBLE_EQ(of_both.write, (1.25 + 1) / 2);
  EXPECT_DOUBLE_EQ(of_both.read, (0.05 + 0.1) / 2);
}

}  // namespace
}  // namespace foreword::cache
