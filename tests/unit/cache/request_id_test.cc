#include "cache/request_id.h"

#include <gtest/gtest.h>

#include "unit/cache/rows.h"

namespace foreword::cache::test {
namespace {

TEST(RequestId, is_milliseconds_then_random_bits) {
  const config::TimePoint at{std::chrono::milliseconds(0x0102'0304'0506)};
  EXPECT_EQ(to_text(make_request_id(at, 0xa1b2, 0x1122'3344'5566'7788)),
            "010203040506a1b21122334455667788");
}

TEST(RequestId, later_ones_sort_behind_whatever_their_random_bits) {
  EXPECT_LT(make_request_id(at_ms(1), 0xffff, ~0ull), make_request_id(at_ms(2), 0, 0));
}

TEST(RequestId, first_of_a_millisecond_is_not_behind_any_of_it) {
  const auto later_in_it = at_ms(7) + std::chrono::microseconds(999);
  EXPECT_EQ(first_id_at(later_in_it), make_request_id(at_ms(7), 0, 0));
}

TEST(RequestId, times_outside_48_bits_are_the_nearest_that_fit) {
  EXPECT_EQ(first_id_at(config::TimePoint(std::chrono::seconds(-1))), RequestId{});
  EXPECT_EQ(first_id_at(config::TimePoint::min()), RequestId{});
  EXPECT_LT(first_id_at(at_ms(0)), first_id_at(config::TimePoint::max()));
}

TEST(RequestId, text_reads_back) {
  const RequestId id = make_request_id(at_ms(5), 0x0a0b, 0xfedc'ba98'7654'3210);
  EXPECT_EQ(parse_request_id(to_text(id)), id);
}

TEST(RequestId, other_text_is_no_id) {
  const std::string good(32, '0');
  EXPECT_TRUE(parse_request_id(good));
  EXPECT_FALSE(parse_request_id(""));
  EXPECT_FALSE(parse_request_id(good.substr(1)));
  EXPECT_FALSE(parse_request_id(good + "0"));
  EXPECT_FALSE(parse_request_id("g" + good.substr(1)));
  EXPECT_FALSE(parse_request_id("A" + good.substr(1)));
}

}  // namespace
}  // namespace foreword::cache::test
