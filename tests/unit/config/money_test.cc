#include "config/money.h"

#include <limits>

#include <gtest/gtest.h>

namespace foreword::config {
namespace {

TEST(money_to_usd, nothing_is_a_bare_zero) {
  EXPECT_EQ(to_usd(0), "0");
}

TEST(money_to_usd, a_part_of_a_cent_keeps_its_leading_zeros_and_drops_trailing_ones) {
  EXPECT_EQ(to_usd(1'250'000), "0.00000125");
}

TEST(money_to_usd, one_picodollar_has_twelve_decimals) {
  EXPECT_EQ(to_usd(1), "0.000000000001");
}

TEST(money_to_usd, whole_dollars_have_no_point) {
  EXPECT_EQ(to_usd(400 * static_cast<PicodollarTotal>(kPicodollarsPerDollar)), "400");
}

TEST(money_to_usd, dollars_and_cents_have_no_trailing_zero) {
  EXPECT_EQ(to_usd(12'500'000'000'000), "12.5");
}

TEST(money_to_usd, a_loss_has_its_sign_in_front) {
  EXPECT_EQ(to_usd(-500'000'000'000), "-0.5");
}

TEST(money_to_usd, a_total_beyond_64_bits_is_exact) {
  const PicodollarTotal most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(to_usd(most * 10), "92233720.36854775807");
}

TEST(money_to_usd, the_least_total_does_not_overflow) {
  const auto least = static_cast<PicodollarTotal>(1) << 126;
  EXPECT_EQ(to_usd(-least * 2), "-170141183460469231731687303.715884105728");
}

}  // namespace
}  // namespace foreword::config
