// Token estimates: what is learned from reported usage, and what is said where nothing is.
#include "cache/token_ratios.h"

#include <gtest/gtest.h>

#include "unit/cache/rows.h"
#include "unit/cache/store_fixture.h"

namespace foreword::cache {
namespace {

using config::Provider;
using config::TokenClass;

class TokenRatiosTest : public test::StoreFixture {
 protected:
  /// A request with so many bytes of text of a knowledge base, which the provider counted. Escaping
  /// had made five bytes of each four.
  static LedgerRow row(std::string kb, std::string model, std::uint64_t text_bytes,
                       std::uint64_t prompt_tokens) {
    auto row = test::smallest_row(0, ++number_);
    row.model = std::move(model);
    row.kb = std::move(kb);
    row.usage_source = UsageSource::reported;
    row.inserted_bytes = text_bytes / 4 * 5;
    row.tokens[TokenClass::cache_read] = prompt_tokens - 7;
    row.tokens[TokenClass::input] = 7;
    row.tokens[TokenClass::output] = 1234;
    return row;
  }
  void learn(const LedgerRow& row) { ratios_.learn(row, text_share); }
  static std::optional<double> text_share(std::string_view kb) {
    return kb == "gone" ? std::nullopt : std::optional(0.8);
  }
  static const config::Model& model(std::string_view name) {
    return *config::ModelTable::built_in().find(Provider::anthropic, name);
  }
  TokenRatio of(std::string_view name, std::string_view kb = "book") {
    return ratios_.of(model(name), kb);
  }

  TokenRatios ratios_{config::ModelTable::built_in()};
  static inline std::uint64_t number_ = 0;
};

TEST_F(TokenRatiosTest, WithoutRequestsIsTheTablesWithItsError) {
  const auto ratio = of("claude-sonnet-5-5");
  EXPECT_EQ(ratio.source, RatioSource::table);
  EXPECT_EQ(ratio.bytes_per_token, 2.75);
  EXPECT_EQ(ratio.error, 0.15);
  EXPECT_EQ(ratio.requests, 0u);
}

// 300,000 bytes are 100,000 tokens: 3 bytes each.
TEST_F(TokenRatiosTest, IsTheTextBeforeEscapingByTheTokensOfThePrompt) {
  learn(row("book", "claude-sonnet-5-5", 300'000, 100'000));
  const auto ratio = of("claude-sonnet-5-5");
  EXPECT_EQ(ratio.source, RatioSource::own_requests);
  EXPECT_DOUBLE_EQ(ratio.bytes_per_token, 3);
  EXPECT_EQ(ratio.tokens(300'000), 100'000u);
  EXPECT_EQ(ratio.requests, 1u);
}

// 5,500 bytes of the client are by the table 2,000 tokens: of 102,000, the base has 100,000. Should
// these be 15 % off, then the whole is 0.15 x 2,000 / 102,000 = 0.294 % off.
TEST_F(TokenRatiosTest, LeavesTheClientsOwnTokensOut) {
  auto asked = row("book", "claude-sonnet-5-5", 300'000, 102'000);
  asked.request_bytes = 5'500;
  learn(asked);
  const auto ratio = of("claude-sonnet-5-5");
  EXPECT_DOUBLE_EQ(ratio.bytes_per_token, 3);
  EXPECT_NEAR(ratio.error, 0.00294, 0.00001);
}

// Ten requests of 3 bytes a token, one each of 2.97 and 30: an outlier moves nothing, and the error
// is that of the eleventh of twelve, 1 %.
TEST_F(TokenRatiosTest, SaysHowFarNineOfTenRequestsAreOff) {
  for (int i = 0; i < 10; ++i) learn(row("book", "claude-sonnet-5-5", 300'000, 100'000));
  learn(row("book", "claude-sonnet-5-5", 297'000, 100'000));
  learn(row("book", "claude-sonnet-5-5", 300'000, 10'000));
  const auto ratio = of("claude-sonnet-5-5");
  EXPECT_DOUBLE_EQ(ratio.bytes_per_token, 3);
  EXPECT_NEAR(ratio.error, 0.01, 1e-9);
  EXPECT_EQ(ratio.requests, 12u);
}

TEST_F(TokenRatiosTest, OfAnotherTokeniserAreNotMixedIn) {
  learn(row("book", "claude-sonnet-5-5", 300'000, 100'000));
  EXPECT_EQ(of("claude-haiku-4-5").source, RatioSource::table);
}

TEST_F(TokenRatiosTest, OfASiblingOrOfOtherTextAreTrustedLess) {
  learn(row("book", "claude-sonnet-5-5", 300'000, 100'000));
  for (const auto& ratio : {of("claude-opus-5-5"), of("claude-sonnet-5-5", "code")}) {
    EXPECT_EQ(ratio.source, RatioSource::other_requests);
    EXPECT_DOUBLE_EQ(ratio.bytes_per_token, 3);
    EXPECT_NEAR(ratio.error, 0.102, 1e-9);
  }
}

TEST_F(TokenRatiosTest, LearnOnlyFromWhatTellsSomething) {
  auto estimated = row("book", "claude-sonnet-5-5", 300'000, 100'000);
  estimated.usage_source = UsageSource::estimated;
  auto without_kb = row("", "claude-sonnet-5-5", 300'000, 100'000);
  auto removed_kb = row("gone", "claude-sonnet-5-5", 300'000, 100'000);
  auto unknown_model = row("book", "claude-of-tomorrow", 300'000, 100'000);
  auto short_kb = row("book", "claude-sonnet-5-5", 8'000, 2'000);
  auto long_request = row("book", "claude-sonnet-5-5", 300'000, 200'000);
  long_request.request_bytes = 300'000;
  for (const auto& useless :
       {estimated, without_kb, removed_kb, unknown_model, short_kb, long_request}) {
    learn(useless);
  }
  EXPECT_EQ(of("claude-sonnet-5-5").source, RatioSource::table);
}

TEST_F(TokenRatiosTest, AreReadFromTheLedger) {
  {
    LedgerWriter writer(store(), std::chrono::milliseconds(1000), [](std::string_view) {});
    writer.append(row("book", "claude-sonnet-5-5", 300'000, 100'000));
  }
  const auto read = read_token_ratios(store(), config::ModelTable::built_in(), text_share);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_DOUBLE_EQ(read->of(model("claude-sonnet-5-5"), "book").bytes_per_token, 3);
}

}  // namespace
}  // namespace foreword::cache
