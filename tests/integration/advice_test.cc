// `GET /api/advice`: from requests that went through, to a verdict either way.
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

namespace json = boost::json;

std::string text(const json::value& object, std::string_view key) {
  return json::value_to<std::string>(object.at(key));
}

/// An upstream whose every answer bills that many output tokens of claude-sonnet-5-5, at $10 a
/// million.
FakeUpstream::Handler billing(std::uint64_t output_tokens) {
  return [=](const Message&, Wire& wire) {
    wire.send(
        ok_response(R"({"model":"claude-sonnet-5-5","usage":{"input_tokens":10,"output_tokens":)" +
                    std::to_string(output_tokens) + "}}"));
  };
}

json::value advice_after_one_request(std::uint64_t output_tokens) {
  FakeUpstream upstream(billing(output_tokens));
  ProxyUnderTest proxy(upstream.url());
  static_cast<void>(
      proxy.row(ask(proxy, post("/v1/messages", R"({"model":"claude-sonnet-5-5"})"))));
  return proxy.admin("GET", "/api/advice");
}

TEST(Advice, IsNotToFineTuneForALittle) {
  const auto advice = advice_after_one_request(100);
  EXPECT_EQ(text(advice, "verdict"), "no");
  EXPECT_TRUE(text(advice, "sentence").starts_with("Do not fine-tune: "));
  EXPECT_EQ(advice.at("cases").as_array().size(), 4u);
  // 10 x 2 and 100 x 10 dollars a million, 730 / 24 times a month, rounded up.
  EXPECT_EQ(text(advice.at("month"), "actual_usd"), "0.031025");
}

TEST(Advice, IsToFineTuneForALot) {
  // 500M tokens are $5,000 a day.
  const auto advice = advice_after_one_request(500'000'000);
  EXPECT_EQ(text(advice, "verdict"), "yes");
  EXPECT_TRUE(text(advice, "sentence").starts_with("Fine-tune: "));
}

TEST(Advice, SaysHowFewFactsWereScaled) {
  EXPECT_NE(text(advice_after_one_request(100), "scaling").find("less than a day"),
            std::string::npos);
}

TEST(Advice, CannotTellFromNothing) {
  FakeUpstream upstream(billing(1));
  ProxyUnderTest proxy(upstream.url());
  const auto advice = proxy.admin("GET", "/api/advice");
  EXPECT_EQ(text(advice, "verdict"), "cannot_tell");
  EXPECT_TRUE(advice.at("cases").as_array().empty());
}

TEST(Advice, NamesTheSourceOfEachAssumption) {
  FakeUpstream upstream(billing(1));
  ProxyUnderTest proxy(upstream.url());
  const auto advice = proxy.admin("GET", "/api/advice");
  EXPECT_EQ(advice.at("assumptions").as_array().size(), 24u);
  for (const auto& assumption : advice.at("assumptions").as_array()) {
    EXPECT_FALSE(text(assumption, "source").empty()) << text(assumption, "key");
  }
}

TEST(Advice, RefusesATimeThatIsNone) {
  FakeUpstream upstream(billing(1));
  ProxyUnderTest proxy(upstream.url());
  int status = 0;
  static_cast<void>(proxy.admin("GET", "/api/advice?from=yesterday", "", &status));
  EXPECT_EQ(status, 400);
}

}  // namespace
}  // namespace foreword::test
