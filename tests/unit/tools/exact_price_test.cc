// Prices digit by digit: USD per token as JSON writes it, as whole picodollars.
#include "tools/exact_price.h"

#include <gtest/gtest.h>

namespace foreword::tools {
namespace {

config::Picodollars price(std::string_view text) {
  const auto exact = exact_price(text);
  return exact ? exact->picodollars : -1;
}

std::string refusal(std::string_view text) {
  const auto exact = exact_price(text);
  return exact ? "none" : exact.error().message;
}

TEST(ExactPrice, IsTheSameHoweverItIsWritten) {
  for (const auto* text : {"3e-06", "3e-6", "3E-06", "0.000003", "3.0e-06", "0.3e-5", "30e-07"}) {
    EXPECT_EQ(price(text), 3'000'000) << text;
  }
}

TEST(ExactPrice, KeepsEveryDigitThatCounts) {
  EXPECT_EQ(price("1.875e-08"), 18'750);
  EXPECT_EQ(price("1e-12"), 1);
  EXPECT_EQ(price("0.009999999999"), 9'999'999'999);
}

TEST(ExactPrice, OfZeroIsZero) {
  for (const auto* text : {"0", "0.0", "0e-10", "-0"}) EXPECT_EQ(price(text), 0) << text;
}

// 0.1 + 0.2, and its like: the float's doing, not the provider's.
TEST(ExactPrice, RoundsWhatAFloatLeftBehind) {
  const auto down = exact_price("3.0000000000000004e-07");
  ASSERT_TRUE(down);
  EXPECT_EQ(down->picodollars, 300'000);
  EXPECT_TRUE(down->rounded);
  EXPECT_EQ(price("2.9999999999999997e-07"), 300'000);
  EXPECT_FALSE(exact_price("3e-07")->rounded);
}

TEST(ExactPrice, RefusesAFractionOfAPicodollar) {
  EXPECT_EQ(refusal("1.5e-12"), "a price is a fraction of a picodollar");
  EXPECT_EQ(refusal("1e-13"), "a price is a fraction of a picodollar");
  EXPECT_EQ(refusal("1e-99999999999"), "a price is a fraction of a picodollar");
}

TEST(ExactPrice, RefusesTextAndWhatIsNoNumber) {
  EXPECT_EQ(refusal("\"3e-06\""), "a price is text");
  for (const auto* text :
       {"true", "", "3e", "3e-", "1.", ".5", "0x1", "1e-6x", "--1", "+1", "1e+-6"}) {
    EXPECT_EQ(refusal(text), "a price is no number") << text;
  }
}

TEST(ExactPrice, RefusesWhatIsNotFinite) {
  for (const auto* text : {"NaN", "Infinity", "-Infinity"}) {
    EXPECT_EQ(refusal(text), "a price is not finite") << text;
  }
}

TEST(ExactPrice, RefusesNegativeAndAbsurdPrices) {
  EXPECT_EQ(refusal("-3e-06"), "a price is negative");
  EXPECT_EQ(refusal("0.01"), "a price is absurdly high");
  EXPECT_EQ(refusal("1e99999999999"), "a price is absurdly high");
}

TEST(ExactCount, TakesAFloatThatIsWhole) {
  EXPECT_EQ(exact_count("2000000.0"), 2'000'000u);
  EXPECT_EQ(exact_count("1e6"), 1'000'000u);
  EXPECT_EQ(exact_count("200000"), 200'000u);
}

TEST(ExactCount, TakesNothingElse) {
  for (const auto* text : {"0", "-1", "1.5", "1e9", "1e999999", "\"10\"", "null", ""}) {
    EXPECT_EQ(exact_count(text), std::nullopt) << text;
  }
}

TEST(ExactFactor, IsAFractionInLowestTerms) {
  using Fraction = std::pair<std::int64_t, std::int64_t>;
  EXPECT_EQ(exact_factor("1.1"), (Fraction{11, 10}));
  EXPECT_EQ(exact_factor("6.0"), (Fraction{6, 1}));
  EXPECT_EQ(exact_ratio(250'000, 150'000), (Fraction{5, 3}));
  EXPECT_EQ(exact_factor("0"), std::nullopt);
  EXPECT_EQ(exact_factor("1e300"), std::nullopt);
}

}  // namespace
}  // namespace foreword::tools
