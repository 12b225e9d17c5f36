#include "config/number_text.h"

#include <gtest/gtest.h>

namespace foreword::config {
namespace {

TEST(NumberText, GroupsDigits) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(1234567), "1,234,567");
}

}  // namespace
}  // namespace foreword::config
