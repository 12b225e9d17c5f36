// What no edit touches leaves as it came: modes off and observe, every operation, odd JSON.
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

constexpr std::string_view kAnswer =
    "{ \"odd\" : 1.0e0,\n\t\"usage\": {\"input_tokens\": 3, \"output_tokens\": 4},"
    "\"text\":\"\\u00e9\\ud83d\\ude00\" }";

const std::vector<std::string> kTargets = {
    "/v1/messages", "/v1/chat/completions", "/v1/responses",
    "/v1beta/models/gemini-3.8-flash:generateContent",
    "/v1/models/gemini-3.8-flash:streamGenerateContent?alt=sse"};

std::vector<std::string> odd_bodies() {
  return {
      "{\n  \"model\": \"claude-sonnet-5-5\",\n  \"messages\": [ ]\n}\n",
      R"({"z":1.0e0,"a":-0.0,"big":123456789012345678901234567890,"model":"m"})",
      R"({"model":"m","model":"n","messages":[],"messages":[]})",
      R"({"sys\u0074em":"\ud83d\ude00 \/ \u2028","model":"m"})",
      "{not json",
      "",
      "[1,2,3]",
      std::string("\xff\xfe\x00{", 4),
      R"({"model":"m","input":")" + std::string(20u << 20, 'x') + "\"}",
  };
}

class UntouchedBytes : public testing::TestWithParam<const char*> {
 protected:
  FakeUpstream upstream_{[](const Message&, Wire& wire) { wire.send(ok_response(kAnswer)); }};
  ProxyUnderTest proxy_{upstream_.url(), [](proxy::ServerOptions& options) {
                          options.settings.proxy.mode = *config::parse_mode(GetParam());
                        }};
};

TEST_P(UntouchedBytes, RequestAndAnswerBodiesAreTheSameBytes) {
  for (const auto& target : kTargets) {
    for (const auto& body : odd_bodies()) {
      const auto answer = ask(proxy_, post(target, body));
      EXPECT_EQ(answer.status(), 200) << target;
      EXPECT_EQ(answer.body, kAnswer) << target;
      EXPECT_TRUE(upstream_.last_request().body == body) << target << " " << body.substr(0, 60);
    }
  }
}

TEST_P(UntouchedBytes, ChunkedRequestBodiesAreTheSameBytes) {
  const std::string body = R"({"model":"m",  "messages":[]})";
  for (const auto& target : kTargets) {
    std::string request =
        "POST " + target + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const char byte : body) request += chunk(std::string_view(&byte, 1));
    request += kLastChunk;
    EXPECT_EQ(ask(proxy_, request).body, kAnswer);
    EXPECT_EQ(upstream_.last_request().body, body);
  }
}

TEST_P(UntouchedBytes, TargetsReachTheUpstreamAsTheyCame) {
  const std::vector<std::pair<std::string, std::string>> targets = {
      {"/v1/models/ft:a%2Fb?x=1&y=%20", "/v1/models/ft:a%2Fb?x=1&y=%20"},
      {"/openai/v1/files?purpose=a%26b", "/v1/files?purpose=a%26b"},
      {"/anthropic/v1/models?limit=2", "/v1/models?limit=2"},
      {"/gemini/upload/v1beta/files?upload_id=1", "/upload/v1beta/files?upload_id=1"},
  };
  for (const auto& [sent, expected] : targets) {
    EXPECT_EQ(ask(proxy_, "GET " + sent + " HTTP/1.1\r\nHost: x\r\n\r\n").status(), 200);
    EXPECT_EQ(upstream_.last_request().first_line(), "GET " + expected + " HTTP/1.1");
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, UntouchedBytes, testing::Values("off", "observe"),
                         [](const auto& mode) { return std::string(mode.param); });

class Headers : public testing::Test {
 protected:
  FakeUpstream upstream_{[](const Message&, Wire& wire) {
    wire.send(
        "HTTP/1.1 200 Fine\r\nSet-Cookie: a=1\r\nX-Odd-Case: Yes\r\nset-cookie: b=2\r\n"
        "Connection: X-Hop, keep-alive\r\nX-Hop: 1\r\nretry-after-ms: 7\r\nContent-Length: "
        "2\r\n\r\n{}");
  }};
  ProxyUnderTest proxy_{upstream_.url()};
};

TEST_F(Headers, KeepOrderCaseAndMultiplicityTowardsTheUpstream) {
  ask(proxy_,
      post("/v1/messages", "{}", "anthropic-beta: one\r\nX-Api-Key: k\r\nAnthropic-Beta: two\r\n"));
  const auto head = upstream_.last_request().head;
  EXPECT_EQ(head,
            "POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(upstream_.port()) +
                "\r\nContent-Type: application/json\r\nanthropic-beta: one\r\nX-Api-Key: k\r\n"
                "Anthropic-Beta: two\r\nContent-Length: 2\r\n\r\n");
}

TEST_F(Headers, OfOneHopAndOfForewordItselfStayOut) {
  ask(proxy_, post("/v1/messages", "{}",
                   "Connection: X-Mine\r\nX-Mine: 1\r\nTE: trailers\r\nX-Foreword-Label: team\r\n"
                   "x-foreword-mode: observe\r\nProxy-Authorization: secret\r\n"));
  const auto head = upstream_.last_request().head;
  for (const auto* name : {"X-Mine", "TE:", "oreword", "Connection", "Proxy-"}) {
    EXPECT_EQ(head.find(name), std::string::npos) << name;
  }
}

TEST_F(Headers, KeepOrderCaseAndMultiplicityTowardsTheClient) {
  const auto answer = ask(proxy_, post("/v1/messages", "{}"));
  EXPECT_TRUE(answer.head.starts_with(
      "HTTP/1.1 200 Fine\r\nSet-Cookie: a=1\r\nX-Odd-Case: Yes\r\nset-cookie: b=2\r\n"
      "retry-after-ms: 7\r\nContent-Length: 2\r\nX-Foreword-Request: "))
      << answer.head;
  EXPECT_EQ(answer.head.find("X-Hop"), std::string::npos);
}

TEST_F(Headers, OfTheAnswerAnnounceHowLongAnIdleConnectionIsKept) {
  EXPECT_EQ(ask(proxy_, post("/v1/messages", "{}")).field("keep-alive"), "timeout=60");
}

}  // namespace
}  // namespace foreword::test
