#include "config/hash128.h"

#include <gtest/gtest.h>

namespace foreword::config {
namespace {

constexpr Hash128 kSample{.high = 0x0123456789abcdef, .low = 0xfedcba9876543210};

// The published XXH3-128 of the empty input with seed 0.
TEST(xxh3_128, of_nothing_is_the_published_value) {
  EXPECT_EQ(to_hex(xxh3_128("")), "99aa06d3014798d86001c324468d497f");
}

TEST(xxh3_128, changes_with_one_bit) {
  EXPECT_NE(xxh3_128("a"), xxh3_128("b"));
}

TEST(xxh3_128, reads_over_zero_bytes) {
  EXPECT_NE(xxh3_128(std::string_view("a\0b", 3)), xxh3_128(std::string_view("a\0c", 3)));
}

TEST(hash_as_hex, is_high_word_first) {
  EXPECT_EQ(to_hex(kSample), "0123456789abcdeffedcba9876543210");
}

TEST(hash_as_hex, reads_back) {
  EXPECT_EQ(parse_hex(to_hex(kSample)), kSample);
}

TEST(hash_as_hex, refuses_a_digit_too_few) {
  EXPECT_EQ(parse_hex("0123456789abcdeffedcba987654321"), std::nullopt);
}

TEST(hash_as_hex, refuses_a_digit_too_many) {
  EXPECT_EQ(parse_hex("0123456789abcdeffedcba98765432100"), std::nullopt);
}

TEST(hash_as_hex, refuses_capitals_so_that_a_hash_has_one_spelling) {
  EXPECT_EQ(parse_hex("0123456789ABCDEFfedcba9876543210"), std::nullopt);
}

TEST(hash_as_hex, refuses_what_is_no_digit) {
  EXPECT_EQ(parse_hex("0123456789abcdefgedcba9876543210"), std::nullopt);
}

TEST(hash_as_bytes, reads_back) {
  EXPECT_EQ(from_bytes(to_bytes(kSample)), kSample);
}

TEST(hash_as_bytes, sorts_as_the_hash_does) {
  const Hash128 smaller{.high = 1, .low = 0xffffffffffffffff};
  const Hash128 larger{.high = 0x100, .low = 0};
  ASSERT_LT(smaller, larger);
  EXPECT_LT(to_bytes(smaller), to_bytes(larger));
}

TEST(hash_as_bytes, refuses_another_length) {
  EXPECT_EQ(from_bytes("fifteen bytes.."), std::nullopt);
}

}  // namespace
}  // namespace foreword::config
