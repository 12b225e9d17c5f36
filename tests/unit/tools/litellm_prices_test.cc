// The traps of the field's price file, one entry each.
#include "tools/litellm_prices.h"

#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "support/temp_dir.h"

namespace foreword::tools {
namespace {

using config::PriceOffer;
using config::Provider;
using config::TokenClass;

constexpr std::string_view kClaude =
    R"("litellm_provider":"anthropic","mode":"chat","max_input_tokens":200000,)"
    R"("input_cost_per_token":3e-06,"output_cost_per_token":1.5e-05,)"
    R"("cache_read_input_token_cost":3e-07,"cache_creation_input_token_cost":3.75e-06,)"
    R"("cache_creation_input_token_cost_above_1hr":6e-06)";
constexpr std::string_view kOpenAi =
    R"("litellm_provider":"openai","mode":"responses","max_input_tokens":272000,)"
    R"("input_cost_per_token":2e-06,"output_cost_per_token":1e-05,)"
    R"("cache_read_input_token_cost":2e-07)";
constexpr std::string_view kGemini =
    R"("litellm_provider":"gemini","mode":"chat","max_input_tokens":1048576,)"
    R"("input_cost_per_token":3e-07,"output_cost_per_token":2.5e-06)";

FilePrices read(std::string_view json) {
  auto prices = read_litellm_prices(json);
  EXPECT_TRUE(prices) << prices.error().message;
  return prices ? *prices : FilePrices{};
}

/// A file of one entry, with `more` members.
FilePrices read_one(std::string_view name, std::string_view members, std::string_view more = "") {
  return read(fmt::format("{{\"{}\":{{{}{}}}}}", name, members, more));
}

/// "group (detail)", or "none" where the entry was taken.
std::string refusal(const FilePrices& prices) {
  if (prices.refused.empty()) return "none";
  const auto& refused = prices.refused.front();
  return refused.detail.empty() ? refused.group
                                : fmt::format("{} ({})", refused.group, refused.detail);
}

PriceOffer only_offer(const FilePrices& prices) {
  EXPECT_EQ(prices.offers.size(), 1u) << refusal(prices);
  return prices.offers.empty() ? PriceOffer{} : prices.offers.front();
}

std::optional<config::Picodollars> rate(const config::NamedRates& rates, TokenClass token_class) {
  return rates.at(static_cast<std::size_t>(token_class));
}

std::string remarks(const FilePrices& prices) {
  std::string all;
  for (const auto& [name, list] : prices.remarks) all += fmt::format("{}\n", fmt::join(list, "\n"));
  return all;
}

TEST(LitellmPrices, TakeClaudeWithBothOfItsWrites) {
  const auto offer = only_offer(read_one("claude-x", kClaude));
  EXPECT_EQ(offer.provider, Provider::anthropic);
  EXPECT_EQ(rate(offer.rates, TokenClass::input), 3'000'000);
  EXPECT_EQ(rate(offer.rates, TokenClass::output), 15'000'000);
  EXPECT_EQ(rate(offer.rates, TokenClass::cache_read), 300'000);
  EXPECT_EQ(rate(offer.rates, TokenClass::cache_write_5m), 3'750'000);
  EXPECT_EQ(rate(offer.rates, TokenClass::cache_write_1h), 6'000'000);
  EXPECT_EQ(offer.context_window_tokens, 200'000u);
}

TEST(LitellmPrices, TakeOpenAisWriteAsTheOneOfHalfAnHour) {
  const auto offer =
      only_offer(read_one("gpt-x", kOpenAi, R"(,"cache_creation_input_token_cost":2.5e-06)"));
  EXPECT_EQ(rate(offer.rates, TokenClass::cache_write_30m), 2'500'000);
  EXPECT_EQ(rate(offer.rates, TokenClass::cache_write_5m), std::nullopt);
}

TEST(LitellmPrices, TakeGeminisBareName) {
  EXPECT_EQ(only_offer(read_one("gemini/gemini-x", kGemini)).name, "gemini-x");
}

TEST(LitellmPrices, DoNotTakeACacheCreationOfGemini) {
  const auto prices =
      read_one("gemini/gemini-x", kGemini, R"(,"cache_creation_input_token_cost":2.5e-07)");
  for (const auto write : {TokenClass::cache_write_5m, TokenClass::cache_write_30m}) {
    EXPECT_EQ(rate(only_offer(prices).rates, write), std::nullopt);
  }
  EXPECT_NE(remarks(prices).find("Gemini does not charge for writes"), std::string::npos);
}

TEST(LitellmPrices, RefuseTheFilesOwnDescription) {
  EXPECT_EQ(refusal(read_one("sample_spec", kClaude)), "the file's description of itself");
}

TEST(LitellmPrices, RefuseOtherProvidersProducts) {
  for (const auto* provider : {"bedrock", "vertex_ai-anthropic_models", "azure", "databricks"}) {
    const auto prices = read(fmt::format(
        R"({{"claude-x":{{"litellm_provider":"{}","mode":"chat","input_cost_per_token":1e-6}}}})",
        provider));
    EXPECT_EQ(refusal(prices), fmt::format("another provider's product ({})", provider));
  }
}

TEST(LitellmPrices, RefuseAnEntryThatNamesNoProvider) {
  EXPECT_EQ(refusal(read(R"({"gpt-x":{"mode":"chat"}})")), "names no provider");
}

TEST(LitellmPrices, RefuseWhatIsNoChatModel) {
  const auto prices =
      read(R"({"dall-e-2":{"litellm_provider":"openai","mode":"image_generation"}})");
  EXPECT_EQ(refusal(prices), "not a chat model (image_generation)");
}

TEST(LitellmPrices, RefuseAnEntryThatIsNoObject) {
  EXPECT_EQ(refusal(read(R"({"gpt-x":3})")), "no JSON object");
}

TEST(LitellmPrices, RefuseNamesThatNoRequestHas) {
  EXPECT_EQ(refusal(read_one("1024-x-1024/gpt-x", kOpenAi)), "not a model's own name");
  EXPECT_EQ(refusal(read_one("gpt\\u0007x", kOpenAi)), "not a model's own name");
  EXPECT_EQ(refusal(read_one("ft:gpt-x", kOpenAi)), "a fine-tune's base, which no request names");
  EXPECT_EQ(refusal(read_one("gemini/gemini-flash-latest", kGemini)),
            "an alias that moves: answers name the model that is billed");
}

/// kOpenAi with `what` in place of its input price.
FilePrices with_input(std::string_view what) {
  std::string members(kOpenAi);
  constexpr std::string_view kInput = "2e-06";
  members.replace(members.find(kInput), kInput.size(), what);
  return read_one("gpt-x", members);
}

TEST(LitellmPrices, RefuseACostThatIsText) {
  EXPECT_EQ(refusal(with_input("\"2e-06\"")), "a price is text (input_cost_per_token)");
}

TEST(LitellmPrices, RefuseACostThatIsNotFinite) {
  EXPECT_EQ(refusal(with_input("NaN")), "a price is not finite (input_cost_per_token)");
  EXPECT_EQ(refusal(with_input("1e999")), "a price is absurdly high (input_cost_per_token)");
}

TEST(LitellmPrices, RefuseACostBelowZero) {
  EXPECT_EQ(refusal(with_input("-2e-06")), "a price is negative (input_cost_per_token)");
}

TEST(LitellmPrices, RefuseAModelThatCostsNothing) {
  EXPECT_EQ(refusal(with_input("0.0")), "costs nothing (input_cost_per_token)");
}

TEST(LitellmPrices, RefuseAModelWithoutAPricePerToken) {
  EXPECT_EQ(refusal(with_input("null")), "no price per token (input_cost_per_token)");
}

TEST(LitellmPrices, RefuseAReadThatCostsNothing) {
  const auto prices = read_one("gemini/gemini-x", kGemini, R"(,"cache_read_input_token_cost":0)");
  EXPECT_EQ(refusal(prices), "costs nothing (cache_read_input_token_cost)");
}

TEST(LitellmPrices, RefuseClaudeWithoutAPriceForWrites) {
  const auto prices = read(
      R"({"claude-x":{"litellm_provider":"anthropic","mode":"chat","input_cost_per_token":3e-06,)"
      R"("output_cost_per_token":1.5e-05}})");
  EXPECT_EQ(refusal(prices), "no price for cache writes (cache_creation_input_token_cost)");
}

TEST(LitellmPrices, RefuseUnitsThatTheLedgerDoesNotCount) {
  for (const auto* key : {"output_cost_per_image", "input_cost_per_second",
                          "output_cost_per_audio_token", "code_interpreter_cost_per_session"}) {
    EXPECT_EQ(refusal(read_one("gpt-x", kOpenAi, fmt::format(R"(,"{}":0.01)", key))),
              fmt::format("charges in units that the ledger does not count ({})", key));
  }
}

TEST(LitellmPrices, TakeOtherUnitsThatCostNothing) {
  EXPECT_EQ(refusal(read_one("gpt-x", kOpenAi, R"(,"output_cost_per_image":0.0)")), "none");
}

TEST(LitellmPrices, RefuseReasoningAtAPriceOfItsOwn) {
  EXPECT_EQ(refusal(read_one("gpt-x", kOpenAi, R"(,"output_cost_per_reasoning_token":2e-05)")),
            "reasoning costs other than output (output_cost_per_reasoning_token)");
}

TEST(LitellmPrices, RefusePricesByRanges) {
  EXPECT_EQ(refusal(read_one("gpt-x", kOpenAi, R"(,"tiered_pricing":[{"range":[0,1.0]}])")),
            "priced by ranges (tiered_pricing)");
}

constexpr std::string_view kTier = R"(,"input_cost_per_token_above_200k_tokens":6e-06,)"
                                   R"("output_cost_per_token_above_200k_tokens":2.25e-05,)"
                                   R"("cache_read_input_token_cost_above_200k_tokens":6e-07)";

TEST(LitellmPrices, TakeATierWithItsCachePrices) {
  const auto offer = only_offer(read_one(
      "claude-x", kClaude,
      std::string(kTier) + R"(,"cache_creation_input_token_cost_above_200k_tokens":7.5e-06)"));
  EXPECT_EQ(offer.long_context_threshold_tokens, 200'000u);
  EXPECT_EQ(rate(offer.long_rates, TokenClass::cache_read), 600'000);
  EXPECT_EQ(rate(offer.long_rates, TokenClass::cache_write_5m), 7'500'000);
}

TEST(LitellmPrices, RefuseATierWithoutItsCachePrices) {
  EXPECT_EQ(refusal(read_one("claude-x", kClaude, kTier)),
            "its long-context tier is incomplete "
            "(no cache_creation_input_token_cost_above_200k_tokens)");
}

TEST(LitellmPrices, RefuseMoreThanOneTier) {
  EXPECT_EQ(
      refusal(read_one("gpt-x", kOpenAi,
                       std::string(kTier) + R"(,"input_cost_per_token_above_128k_tokens":4e-06)")),
      "more than one long-context tier");
}

TEST(LitellmPrices, TakeAServiceTierThatIsOneMultiple) {
  const auto offer = only_offer(read_one(
      "gpt-x", kOpenAi,
      R"(,"input_cost_per_token_priority":3.5e-06,"output_cost_per_token_priority":1.75e-05)"));
  ASSERT_EQ(offer.modifiers.size(), 1u);
  EXPECT_EQ(offer.modifiers.front(), (config::PriceModifier{"service_tier", "priority", 7, 4}));
}

TEST(LitellmPrices, DoNotTakeAServiceTierThatIsNoMultiple) {
  const auto prices =
      read_one("gpt-x", kOpenAi,
               R"(,"input_cost_per_token_flex":1e-06,"output_cost_per_token_flex":5e-06,)"
               R"("cache_read_input_token_cost_flex":1.3e-07)");
  EXPECT_TRUE(only_offer(prices).modifiers.empty());
  EXPECT_NE(remarks(prices).find("flex is not taken"), std::string::npos);
}

TEST(LitellmPrices, TakeTheFactorsOfRegionAndSpeed) {
  const auto offer = only_offer(
      read_one("claude-x", kClaude, R"(,"provider_specific_entry":{"us":1.1,"fast":6.0})"));
  ASSERT_EQ(offer.modifiers.size(), 2u);
  EXPECT_EQ(offer.modifiers[0], (config::PriceModifier{"speed", "fast", 6, 1}));
  EXPECT_EQ(offer.modifiers[1], (config::PriceModifier{"inference_geo", "us", 11, 10}));
}

TEST(LitellmPrices, TakeALimitThatIsAWholeFloat) {
  std::string members(kOpenAi);
  members.replace(members.find("272000"), 6, "2000000.0");
  EXPECT_EQ(only_offer(read_one("gpt-x", members)).context_window_tokens, 2'000'000u);
}

TEST(LitellmPrices, TakeAnEntryThatIsThereTwiceAndTheSame) {
  const auto prices = read(fmt::format(R"({{"gpt-x":{{{0}}},"gpt-x":{{{0}}}}})", kOpenAi));
  EXPECT_EQ(prices.offers.size(), 1u);
  EXPECT_NE(remarks(prices).find("is there twice, the same"), std::string::npos);
}

TEST(LitellmPrices, RefuseAnEntryThatIsThereTwiceAndDiffers) {
  std::string other(kOpenAi);
  other.replace(other.find("2e-06"), 5, "4e-06");
  const auto prices = read(fmt::format(R"({{"gpt-x":{{{}}},"gpt-x":{{{}}}}})", kOpenAi, other));
  EXPECT_TRUE(prices.offers.empty());
  ASSERT_EQ(prices.refused.size(), 2u);
  EXPECT_EQ(prices.refused[1].group, "is there twice, with different prices");
}

TEST(LitellmPrices, RefuseAKeyThatIsThereTwiceAndDiffers) {
  EXPECT_EQ(refusal(read_one("gpt-x", kOpenAi, R"(,"input_cost_per_token":4e-06)")),
            "a key is there twice, with different values (input_cost_per_token)");
}

TEST(LitellmPrices, LeaveOutADatedNameThatSaysTheSame) {
  const auto prices =
      read(fmt::format(R"({{"gpt-x":{{{0}}},"gpt-x-2026-01-31":{{{0}}}}})", kOpenAi));
  EXPECT_EQ(only_offer(prices).name, "gpt-x");
  EXPECT_EQ(prices.aliases, std::vector<std::string>{"gpt-x-2026-01-31"});
}

TEST(LitellmPrices, KeepADatedNameThatSaysSomethingElse) {
  std::string other(kOpenAi);
  other.replace(other.find("2e-06"), 5, "4e-06");
  const auto prices =
      read(fmt::format(R"({{"gpt-x":{{{}}},"gpt-x-2026-01-31":{{{}}}}})", kOpenAi, other));
  EXPECT_EQ(prices.offers.size(), 2u);
}

TEST(LitellmPrices, RefuseAModelOfWhichAnotherEntryIsRefused) {
  const auto prices =
      read(fmt::format(R"({{"gemini/gemini-x":{{{},"cache_read_input_token_cost":0}},)"
                       R"("gemini-x":{{{}}}}})",
                       kGemini, kGemini));
  EXPECT_TRUE(prices.offers.empty());
}

TEST(LitellmPrices, SendNoControlCharactersToATerminal) {
  const auto prices = read_one("gpt\\u001b[2Jx", kOpenAi);
  ASSERT_EQ(prices.refused.size(), 1u);
  EXPECT_EQ(prices.refused.front().name, "gpt\\x1b[2Jx");
}

// Quadratic in the entries, this would take minutes.
TEST(LitellmPrices, OfAHugeFileAreReadInOneGo) {
  std::string text = "{";
  for (int i = 0; i < 10'000; ++i) text += fmt::format("\"gpt-{}\":{{{}}},", i, kOpenAi);
  text.back() = '}';
  EXPECT_EQ(read(text).offers.size(), 10'000u);
}

TEST(LitellmPrices, RefuseAFileThatIsNotJson) {
  for (const auto* text : {"", "[]", "{", "{\"a\":{}", "{\"a\" 1}", "{}}", "\xff\xfe", "null"}) {
    EXPECT_FALSE(read_litellm_prices(text)) << text;
  }
}

TEST(LitellmFile, IsReadFromGzipToo) {
  const test::TempDir folder;
  const auto file = folder.path() / "prices.json.gz";
  const auto text = fmt::format(R"({{"gpt-x":{{{}}}}})", kOpenAi);
  auto* out = gzopen(file.c_str(), "wb");
  gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
  gzclose(out);
  const auto prices = read_litellm_file(file);
  ASSERT_TRUE(prices) << prices.error().message;
  EXPECT_EQ(only_offer(*prices).name, "gpt-x");
}

TEST(LitellmFile, ThatIsDamagedIsNamed) {
  const test::TempDir folder;
  const auto file = folder.path() / "prices.json";
  std::ofstream(file) << "{\"gpt-x\":";
  const auto prices = read_litellm_file(file);
  ASSERT_FALSE(prices);
  EXPECT_EQ(prices.error().message.find(file.string()), 0u) << prices.error().message;
}

// 17 MB of zeros are 17 KB of gzip.
TEST(LitellmFile, ThatUnpacksToTooMuchIsRefused) {
  const test::TempDir folder;
  const auto file = folder.path() / "bomb.gz";
  auto* out = gzopen(file.c_str(), "wb");
  const std::string zeros(1u << 20, '0');
  for (int i = 0; i < 17; ++i) gzwrite(out, zeros.data(), static_cast<unsigned>(zeros.size()));
  gzclose(out);
  const auto prices = read_litellm_file(file);
  ASSERT_FALSE(prices);
  EXPECT_NE(prices.error().message.find("more than 16 MB"), std::string::npos);
}

}  // namespace
}  // namespace foreword::tools
