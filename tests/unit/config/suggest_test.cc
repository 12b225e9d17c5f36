#include "config/suggest.h"

#include <vector>

#include <gtest/gtest.h>

namespace foreword::config {
namespace {

class Suggest : public testing::Test {
 protected:
  std::optional<std::string> for_key(std::string_view key) { return suggest(key, known_); }

  std::vector<std::string> known_ = {"proxy.listen", "proxy.kb", "admin.listen", "log.level"};
};

TEST_F(Suggest, a_missing_letter_is_found) {
  EXPECT_EQ(for_key("proxy.lisen"), "proxy.listen");
}

TEST_F(Suggest, a_wrong_section_is_found) {
  EXPECT_EQ(for_key("prxy.listen"), "proxy.listen");
}

TEST_F(Suggest, the_closest_wins) {
  EXPECT_EQ(for_key("admn.listen"), "admin.listen");
}

TEST_F(Suggest, nothing_is_said_of_a_key_far_from_all) {
  EXPECT_EQ(for_key("proxy.colour"), std::nullopt);
}

TEST_F(Suggest, a_short_key_does_not_resemble_everything_as_short) {
  EXPECT_EQ(for_key("proxy.xy"), std::nullopt);
}

TEST_F(Suggest, a_huge_key_costs_nothing) {
  EXPECT_EQ(for_key(std::string(1u << 20, 'x')), std::nullopt);
}

}  // namespace
}  // namespace foreword::config
