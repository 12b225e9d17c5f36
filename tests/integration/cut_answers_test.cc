// An upstream that dies at any byte of its answer leaves the client with a clear error or with an
// answer that is seen to be cut, and the ledger with one row.
#include <atomic>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

namespace json = boost::json;

struct Recorded {
  std::string name;
  std::string target;
  std::string request;
  std::string answer;
};

std::ostream& operator<<(std::ostream& out, const Recorded& recorded) {
  return out << recorded.name;
}

std::string json_answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string stream_answer(const std::vector<std::string>& events) {
  std::string out = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto& event : events) out += chunk(event);
  return out + std::string(kLastChunk);
}

std::vector<Recorded> recordings() {
  const std::string gemini = "/v1beta/models/gemini-3.8-flash:";
  const std::string gemini_body =
      R"({"candidates":[{"content":{"parts":[{"text":"hi"}]}}],)"
      R"("usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":2,"totalTokenCount":11}})";
  return {
      {"messages", "/v1/messages", R"({"model":"claude-sonnet-5-5","messages":[]})",
       json_answer(R"({"type":"message","model":"claude-sonnet-5-5","content":[],)"
                   R"("usage":{"input_tokens":9,"output_tokens":2}})")},
      {"messages_stream", "/v1/messages",
       R"({"model":"claude-sonnet-5-5","stream":true,"messages":[]})",
       stream_answer({"event: message_start\ndata: {\"type\":\"message_start\",\"message\":"
                      "{\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n",
                      "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{},"
                      "\"usage\":{\"output_tokens\":2}}\n\n",
                      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"})},
      {"chat_completions", "/v1/chat/completions", R"({"model":"gpt-5.5","messages":[]})",
       json_answer(R"({"model":"gpt-5.5","choices":[],)"
                   R"("usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}})")},
      {"chat_completions_stream", "/v1/chat/completions",
       R"({"model":"gpt-5.5","stream":true,"messages":[]})",
       stream_answer({"data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n",
                      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,"
                      "\"completion_tokens\":2,\"total_tokens\":11}}\n\n",
                      "data: [DONE]\n\n"})},
      {"responses", "/v1/responses", R"({"model":"gpt-5.5","input":"q"})",
       json_answer(R"({"model":"gpt-5.5","output":[],)"
                   R"("usage":{"input_tokens":9,"output_tokens":2,"total_tokens":11}})")},
      {"responses_stream", "/v1/responses", R"({"model":"gpt-5.5","stream":true,"input":"q"})",
       stream_answer({"event: response.created\ndata: {\"type\":\"response.created\"}\n\n",
                      "event: response.completed\ndata: {\"type\":\"response.completed\","
                      "\"response\":{\"usage\":{\"input_tokens\":9,\"output_tokens\":2,"
                      "\"total_tokens\":11}}}\n\n"})},
      {"generate_content", gemini + "generateContent", "{}", json_answer(gemini_body)},
      {"generate_content_stream", gemini + "streamGenerateContent?alt=sse", "{}",
       stream_answer({"data: " + gemini_body + "\r\n\r\n", "data: " + gemini_body + "\r\n\r\n"})},
  };
}

class CutAnswer : public testing::TestWithParam<Recorded> {};

/// What a client library makes of it: an error it was told, or a body that never ended.
void expect_honest(const Message& got, const Message& whole, std::size_t offset) {
  SCOPED_TRACE("cut after " + std::to_string(offset) + " bytes");
  ASSERT_TRUE(got.field("x-foreword-request")) << got.head;
  if (got.status() == 200) {
    EXPECT_FALSE(got.complete) << "a cut answer looks whole";
    EXPECT_TRUE(whole.body.starts_with(got.body)) << got.body;
    return;
  }
  EXPECT_EQ(got.status(), 502);
  EXPECT_TRUE(got.complete);
  EXPECT_TRUE(json::parse(got.body).as_object().contains("error"));
}

TEST_P(CutAnswer, AtEveryByteIsAnErrorOrSeenToBeCut) {
  const auto& recorded = GetParam();
  std::atomic<std::size_t> send_bytes{recorded.answer.size()};
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    wire.send(std::string_view(recorded.answer).substr(0, send_bytes));
    wire.close();
  });
  ProxyUnderTest proxy(upstream.url());
  const auto request = post(recorded.target, recorded.request);
  const auto whole = ask(proxy, request);
  EXPECT_TRUE(whole.complete);
  EXPECT_EQ(whole.status(), 200);
  std::size_t requests = 1;
  for (std::size_t offset = 0; offset < recorded.answer.size(); ++offset, ++requests) {
    send_bytes = offset;
    expect_honest(ask(proxy, request), whole, offset);
    if (HasFailure()) return;
  }
  proxy.stop();  // every exchange has ended, so that every row is settled
  proxy.restart();
  const auto total = proxy.admin("GET", "/api/savings").at("total");
  EXPECT_EQ(total.at("requests").to_number<std::size_t>(), requests);
}

INSTANTIATE_TEST_SUITE_P(Recordings, CutAnswer, testing::ValuesIn(recordings()),
                         [](const auto& recorded) { return recorded.param.name; });

/// What a chat stream cost that broke off behind its first chunk, served at that tier.
double cut_at_tier(const std::string& tier) {
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    wire.send(R"(data: {"model":"gpt-5.5","service_tier":")" + tier +
              R"(","choices":[{"delta":{"content":"hi"}}]})" + "\n\n");
    wire.close();
  });
  ProxyUnderTest proxy(upstream.url());
  const auto row = proxy.row(ask(
      proxy, post("/v1/chat/completions", R"({"model":"gpt-5.5","stream":true,"messages":[]})")));
  EXPECT_EQ(row.at("usage_source").as_string(), "estimated");
  return std::stod(json::value_to<std::string>(row.at("cost_usd")));
}

TEST(CutStream, IsEstimatedAtTheTierThatItsChunksName) {
  EXPECT_EQ(cut_at_tier("priority"), 2 * cut_at_tier("default"));
}

}  // namespace
}  // namespace foreword::test
