// Whose span a request is part of, by what its headers say.
#include "proxy/trace_context.h"

#include <gtest/gtest.h>

namespace foreword::proxy {
namespace {

constexpr const char* kSampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr const char* kUnsampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
constexpr std::uint32_t kAll = 1'000'000;

cache::RequestId request(std::uint64_t random) {
  return cache::make_request_id(config::TimePoint(std::chrono::seconds(1'795'000'000)), 7, random);
}

TEST(TraceParentText, NamesATraceAndASpan) {
  const auto parent = parse_traceparent(kSampled);
  ASSERT_TRUE(parent);
  EXPECT_EQ(parent->trace[0], 0x4b);
  EXPECT_EQ(parent->trace[15], 0x36);
  EXPECT_EQ(parent->span[1], 0xf0);
  EXPECT_EQ(parent->span[7], 0xb7);
  EXPECT_TRUE(parent->sampled);
  EXPECT_FALSE(parse_traceparent(kUnsampled)->sampled);
}

// The standard's own examples of what to do with versions to come.
TEST(TraceParentText, OfALaterVersionMayGoOn) {
  const std::string later = "cc" + std::string(kSampled).substr(2);
  EXPECT_TRUE(parse_traceparent(later));
  EXPECT_TRUE(parse_traceparent(later + "-what-the-future-will-be-like"));
  EXPECT_FALSE(parse_traceparent(later + ".what-the-future-will-be-like"));
}

TEST(TraceParentText, ThatIsNotValidIsNone) {
  const std::string good = kSampled;
  for (const auto& bad : std::vector<std::string>{
           std::string(), good.substr(0, 54), good + "-01", good + " ", "ff" + good.substr(2),
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01"}) {
    EXPECT_FALSE(parse_traceparent(bad)) << bad;
  }
}

TEST(TraceContext, OfARequestWithoutOneIsTheRequestsOwnId) {
  const auto id = request(1);
  const auto context = trace_context({}, id, kAll);
  ASSERT_TRUE(context);
  EXPECT_TRUE(std::ranges::equal(context->trace, id.bytes));
  EXPECT_FALSE(context->parent);
  EXPECT_NE(context->span, SpanId{});
  EXPECT_NE(context->span, trace_context({}, request(2), kAll)->span);
}

TEST(TraceContext, OfAClientThatHasOneIsPartOfIt) {
  const Fields fields{{"TraceParent", kSampled}, {"tracestate", "congo=t61rcWkgMzE"}};
  const auto context = trace_context(fields, request(1), 0);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace, parse_traceparent(kSampled)->trace);
  EXPECT_EQ(context->parent, parse_traceparent(kSampled)->span);
  EXPECT_EQ(context->state, "congo=t61rcWkgMzE");
}

TEST(TraceContext, OfAClientThatDoesNotSampleIsNone) {
  EXPECT_FALSE(trace_context({{"traceparent", kUnsampled}}, request(1), kAll));
}

TEST(TraceContext, OfAClientThatSaysTwoThingsIsItsOwn) {
  const Fields fields{{"traceparent", kSampled}, {"traceparent", kUnsampled}};
  EXPECT_FALSE(trace_context(fields, request(1), kAll)->parent);
}

TEST(TraceContext, IsThereForTheShareThatIsAskedFor) {
  int sampled = 0;
  constexpr int kRequests = 20'000;
  for (std::uint64_t i = 0; i < kRequests; ++i) {
    // Spread over all values, as random ones are.
    sampled += trace_context({}, request(i * 0x9e37'79b9'7f4a'7c15U), 50'000) ? 1 : 0;
  }
  EXPECT_NEAR(sampled, kRequests / 20, kRequests / 500);
  EXPECT_FALSE(trace_context({}, request(~std::uint64_t{0}), 0));
  EXPECT_TRUE(trace_context({}, request(0), kAll));
}

}  // namespace
}  // namespace foreword::proxy
