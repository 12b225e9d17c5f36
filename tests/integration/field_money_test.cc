// Bills that others got wrong, with the figures of their users' reports: what the provider sent,
// through a whole proxy, to the row's last digit.
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

namespace json = boost::json;

std::string text(const json::object& row, std::string_view key) {
  return json::value_to<std::string>(row.at(key));
}
std::string text(const json::value& row, std::string_view key) {
  return text(row.as_object(), key);
}

/// The row of one request whose answer is `body`, JSON or, where it begins so, a stream of events.
json::value row_of(const std::string& target, const std::string& request, const std::string& body) {
  const bool is_stream = body.starts_with("event:") || body.starts_with("data:");
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    wire.send(ok_response(body, is_stream ? "text/event-stream" : "application/json"));
  });
  ProxyUnderTest proxy(upstream.url());
  return proxy.row(ask(proxy, post(target, request)));
}

json::value anthropic(const std::string& model, const std::string& usage) {
  return row_of("/v1/messages", R"({"model":")" + model + R"(","messages":[]})",
                R"({"model":")" + model + R"(","usage":)" + usage + "}");
}

json::value openai_responses(const std::string& model, const std::string& usage) {
  return row_of("/v1/responses", R"({"model":")" + model + R"(","input":"q"})",
                R"({"model":")" + model + R"(","usage":)" + usage + "}");
}

// BerriAI/litellm #9812: $0.091311 was logged, the Console said 4.614 + 0.825 cents and the plain
// input on top. The model of the report is gone; this one has its prices (3, 3.75, 15).
TEST(FieldMoney, WrittenTokensAreNotInputAsWell) {
  const auto row = anthropic(
      "claude-sonnet-4-6",
      R"({"input_tokens":3,"cache_creation_input_tokens":12304,"cache_read_input_tokens":0,)"
      R"("output_tokens":550})");
  EXPECT_EQ(text(row, "cost_usd"), "0.054399");
}

// maximhq/bifrost #3451: $1.85984625 was logged, $1.06376125 was charged.
TEST(FieldMoney, TheTwoUsagesOfAStreamAreNotAddedUp) {
  const std::string counts =
      R"("input_tokens":6,"cache_creation_input_tokens":159217,"cache_read_input_tokens":0)";
  const auto row =
      row_of("/v1/messages", R"({"model":"claude-opus-4-7","stream":true,"messages":[]})",
             R"(event: message_start
data: {"type":"message_start","message":{"model":"claude-opus-4-7","usage":{)" +
                 counts + R"(,"output_tokens":1}}}

event: message_delta
data: {"type":"message_delta","delta":{},"usage":{)" +
                 counts + R"(,"output_tokens":2745}}

event: message_stop
data: {"type":"message_stop"}

)");
  EXPECT_EQ(text(row, "cost_usd"), "1.06376125");
  EXPECT_EQ(text(row, "usage_source"), "reported");
}

// BerriAI/litellm #14849: $0.7642 was logged. By the prices of prompts over 200,000 tokens:
//   5,005 x 2.5 + 257,955 x 0.25 + 1,744 x 15 = 12,512.5 + 64,488.75 + 26,160 per million.
TEST(FieldMoney, GeminisCachedTokensAreNotInputAsWell) {
  const auto row =
      row_of("/v1beta/models/gemini-2.5-pro:generateContent", "{}",
             R"({"modelVersion":"gemini-2.5-pro","usageMetadata":{"promptTokenCount":262960,)"
             R"("cachedContentTokenCount":257955,"candidatesTokenCount":1744,)"
             R"("totalTokenCount":264704}})");
  EXPECT_EQ(text(row, "cost_usd"), "0.10316125");
}

// OpenAI's guide to prompt caching, and BerriAI/litellm #33772, which billed the writes as input:
// of 2,600 tokens 2,000 were read, 400 written, 200 neither. gpt-5.6-terra: 2, 0.2, 2.5.
TEST(FieldMoney, OpenAisWrittenTokensHaveTheirOwnPrice) {
  const auto row = openai_responses(
      "gpt-5.6-terra",
      R"({"input_tokens":2600,"output_tokens":0,"total_tokens":2600,)"
      R"("input_tokens_details":{"cached_tokens":2000,"cache_write_tokens":400}})");
  EXPECT_EQ(text(row, "cost_usd"), "0.0018");
  EXPECT_EQ(row.at("tokens").at("input").to_number<int>(), 200);
}

// laravel/ai #846, the same of gpt-5.6-luna (0.2, 0.25): 3 tokens plain, 18,011 written, once each.
TEST(FieldMoney, OpenAisWrittenTokensAreNotInputAsWell) {
  const auto row = openai_responses(
      "gpt-5.6-luna", R"({"input_tokens":18014,"output_tokens":0,"total_tokens":18014,)"
                      R"("input_tokens_details":{"cache_write_tokens":18011,"cached_tokens":0}})");
  EXPECT_EQ(text(row, "cost_usd"), "0.00450335");
}

// BerriAI/litellm #15055, #18988: in a long prompt of claude-sonnet-4-5 an hour's write is twice
// the long price of input, $12 per million, and a read a tenth of it, $0.60.
TEST(FieldMoney, ALongPromptHasLongPricesForTheCacheToo) {
  const auto row = anthropic(
      "claude-sonnet-4-5",
      R"({"input_tokens":0,"cache_creation_input_tokens":100000,"cache_read_input_tokens":150000,)"
      R"("cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":100000},)"
      R"("output_tokens":0})");
  EXPECT_EQ(text(row, "cost_usd"), "1.29");
}

// BerriAI/litellm #37760: what clients' own markers, and providers by themselves, had cached was
// credited to the gateway. Its figures, by the prices of claude-opus-5 (5, 0.5, 6.25): 4,242 tokens
// read and 1,111 written save 4,242 x 4.5 - 1,111 x 1.25 = 17,700.25 per million, 0.01770025.
class FieldCredit : public testing::Test {
 protected:
  static constexpr const char* kSaved = "0.01770025";

  /// The totals of a proxy that served one such request. The knowledge base is larger than the
  /// prompt that the provider reports, so all of it counts as the knowledge base's.
  static json::object totals(const std::string& target, const std::string& request,
                             const std::string& answer) {
    FakeUpstream upstream([&](const Message&, Wire& wire) { wire.send(ok_response(answer)); });
    ProxyUnderTest proxy(upstream.url());
    proxy.load_kb("handbook", {{"a.md", std::string(30'000, 'x')}});
    (void)proxy.row(ask(proxy, post(target, request)));
    return proxy.admin("GET", "/api/savings").at("total").as_object();
  }
  static json::object anthropic_totals(const std::string& target, const std::string& markers) {
    return totals(target,
                  R"({"model":"claude-opus-5","system":[{"type":"text","text":"rules")" + markers +
                      R"(}],"messages":[{"role":"user","content":"q"}]})",
                  R"({"model":"claude-opus-5","usage":{"input_tokens":11,"output_tokens":1,)"
                  R"("cache_read_input_tokens":4242,"cache_creation_input_tokens":1111}})");
  }
};

TEST_F(FieldCredit, NothingOfWhatTheClientsMarkersSavedIsClaimed) {
  const std::string marker = R"(,"cache_control":{"type":"ephemeral"})";
  for (const auto* target : {"/v1/messages", "/kb/handbook/v1/messages"}) {
    const auto total = anthropic_totals(target, marker);
    EXPECT_EQ(text(total, "saved_usd"), kSaved) << target;
    EXPECT_EQ(text(total, "caused_usd"), "0") << target;
  }
}

TEST_F(FieldCredit, NothingOfWhatAProviderCachesByItselfIsClaimed) {
  const auto total =
      totals("/v1/chat/completions",
             R"({"model":"gpt-5-mini","messages":[{"role":"user","content":"q"}]})",
             R"({"model":"gpt-5-mini","usage":{"prompt_tokens":2600,"completion_tokens":1,)"
             R"("prompt_tokens_details":{"cached_tokens":2473}}})");
  EXPECT_NE(text(total, "saved_usd"), "0");
  EXPECT_EQ(text(total, "caused_usd"), "0");
}

TEST_F(FieldCredit, WhatForewordAloneMarkedIsClaimed) {
  const auto total = anthropic_totals("/kb/handbook/v1/messages", "");
  EXPECT_EQ(text(total, "saved_usd"), kSaved);
  EXPECT_EQ(text(total, "caused_usd"), kSaved);
}

// autocache #4: a header that promised savings which nobody had measured.
TEST(FieldMoney, NoHeaderPromisesSavings) {
  FakeUpstream upstream([](const Message&, Wire& wire) { wire.send(ok_response("{}")); });
  ProxyUnderTest proxy(upstream.url());
  const auto answer =
      ask(proxy, post("/v1/messages", R"({"model":"claude-sonnet-5-5","messages":[]})"));
  std::string head = answer.head;
  for (char& c : head) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::size_t ours = 0;
  for (auto at = head.find("x-foreword-"); at != std::string::npos;
       at = head.find("x-foreword-", at + 1)) {
    ++ours;
  }
  EXPECT_EQ(ours, 1u) << answer.head;
  EXPECT_NE(head.find("x-foreword-request: "), std::string::npos);
}

}  // namespace
}  // namespace foreword::test
