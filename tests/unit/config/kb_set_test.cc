#include "config/kb_set.h"

#include <gtest/gtest.h>

#include "config/limits.h"

namespace foreword::config {
namespace {

using Names = std::vector<std::string>;

std::string numbered(std::size_t count) {
  Names names;
  for (std::size_t i = 0; i < count; ++i) names.push_back("kb" + std::to_string(i));
  return join_kb_set(names);
}

TEST(KbSet, has_its_names_in_order_whatever_order_they_were_given_in) {
  EXPECT_EQ(split_kb_set("policies+handbook"), (Names{"handbook", "policies"}));
  EXPECT_EQ(split_kb_set("handbook+policies"), (Names{"handbook", "policies"}));
}

TEST(KbSet, has_a_name_once) {
  EXPECT_EQ(split_kb_set("b+a+b"), (Names{"a", "b"}));
}

TEST(KbSet, of_one_is_its_name) {
  EXPECT_EQ(join_kb_set(split_kb_set("handbook")), "handbook");
  EXPECT_TRUE(is_kb_set("handbook"));
}

TEST(KbSet, is_written_with_a_plus_between_two_names) {
  EXPECT_EQ(join_kb_set({"a", "b", "c"}), "a+b+c");
}

TEST(KbSet, takes_as_many_as_a_request_may_have_and_no_more) {
  EXPECT_TRUE(is_kb_set(numbered(limits::kMaxKbsPerRequest)));
  EXPECT_FALSE(is_kb_set(numbered(limits::kMaxKbsPerRequest + 1)));
}

TEST(KbSet, does_not_count_a_name_twice) {
  EXPECT_TRUE(is_kb_set(numbered(limits::kMaxKbsPerRequest) + "+kb0"));
}

TEST(KbSet, refuses_what_names_no_knowledge_base) {
  for (const auto* bad : {"", "+", "a+", "+a", "a++b", "a+none", "a b", "a+.."}) {
    EXPECT_FALSE(is_kb_set(bad)) << bad;
  }
}

TEST(KbSet, knows_its_members) {
  EXPECT_TRUE(kb_set_has("handbook+policies", "policies"));
  EXPECT_TRUE(kb_set_has("handbook", "handbook"));
  EXPECT_FALSE(kb_set_has("handbook+policies", "hand"));
}

}  // namespace
}  // namespace foreword::config
