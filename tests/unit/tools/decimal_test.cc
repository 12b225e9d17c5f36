#include "tools/reconcile/decimal.h"

#include <gtest/gtest.h>

namespace foreword::tools {
namespace {

std::string usd(std::string_view text, int down = 0) {
  const auto amount = decimal_picodollars(text, down);
  return amount ? config::to_usd(*amount) : "none";
}

TEST(Decimal, IsExact) {
  EXPECT_EQ(usd("0.06"), "0.06");
  EXPECT_EQ(usd("5"), "5");
  EXPECT_EQ(usd("1.25e-3"), "0.00125");
  EXPECT_EQ(usd("2E+2"), "200");
  EXPECT_EQ(usd("0.8958740000000000"), "0.895874");
  EXPECT_EQ(usd("123.45", 2), "1.2345");
}

TEST(Decimal, MayBeACredit) {
  EXPECT_EQ(usd("-0.5"), "-0.5");
}

TEST(Decimal, RoundsWhatIsLessThanAPicodollar) {
  EXPECT_EQ(usd("0.0000000000005"), "0.000000000001");
  EXPECT_EQ(usd("0.00000000000049"), "0");
  EXPECT_EQ(usd("1e-30"), "0");
}

TEST(Decimal, IsNothingElse) {
  for (const auto* text :
       {"", "-", ".5", "5.", "1e", "0x10", "1,5", "NaN", "1e400", "2000000000000"}) {
    EXPECT_EQ(usd(text), "none") << text;
  }
}

}  // namespace
}  // namespace foreword::tools
