// What of a saving is Foreword's own: told apart by the markers that the client sent.
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

namespace json = boost::json;

/// The knowledge base was read, and a question behind it.
FakeUpstream::Handler reading() {
  return [](const Message&, Wire& wire) {
    wire.send(ok_response(R"({"model":"claude-sonnet-5-5","usage":{"input_tokens":10,)"
                          R"("cache_read_input_tokens":5000,"output_tokens":1}})"));
  };
}

json::value row_of(const std::string& target, const std::string& body) {
  FakeUpstream upstream(reading());
  ProxyUnderTest proxy(upstream.url());
  proxy.load_kb("handbook", {{"a.md", std::string(13'000, 'x')}});
  return proxy.row(ask(proxy, post(target, body)));
}

std::string text(const json::value& row, std::string_view key) {
  return json::value_to<std::string>(row.at(key));
}

constexpr const char* kPlain =
    R"({"model":"claude-sonnet-5-5","messages":[{"role":"user","content":"hello"}]})";
constexpr const char* kMarked =
    R"({"model":"claude-sonnet-5-5","messages":[{"role":"user","content":[)"
    R"({"type":"text","text":"hello","cache_control":{"type":"ephemeral"}}]}]})";

TEST(ClientOnly, WhatForewordAloneMarkedItClaims) {
  const auto row = row_of("/kb/handbook/v1/messages", kPlain);
  EXPECT_EQ(row.at("client_markers").to_number<int>(), 0);
  // Its tokens, at the plain price.
  EXPECT_GT(std::stod(text(row, "client_only_usd")), 5 * std::stod(text(row, "cost_usd")));
}

TEST(ClientOnly, WhatTheClientMarkedTooItDoesNot) {
  const auto row = row_of("/kb/handbook/v1/messages", kMarked);
  EXPECT_EQ(row.at("client_markers").to_number<int>(), 1);
  EXPECT_EQ(text(row, "client_only_usd"), text(row, "cost_usd"));
}

TEST(ClientOnly, WithoutAKnowledgeBaseThereIsNothingToClaim) {
  const auto row = row_of("/v1/messages", kMarked);
  EXPECT_EQ(text(row, "client_only_usd"), text(row, "cost_usd"));
  EXPECT_NE(text(row, "saved_usd"), "0");
}

}  // namespace
}  // namespace foreword::test
