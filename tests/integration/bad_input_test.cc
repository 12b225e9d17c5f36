// Whatever goes wrong is told clearly, in the provider's own shape, and leaves a ledger row.
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"
#include "support/signal.h"

namespace foreword::test {
namespace {

const std::string kPrompt = R"({"model":"claude-sonnet-5-5","messages":[]})";

void answer_ok(const Message&, Wire& wire) {
  wire.send(ok_response("{}"));
}

std::string error_message(const Message& answer) {
  return boost::json::value_to<std::string>(
      boost::json::parse(answer.body).at("error").at("message"));
}

TEST(BadInput, ThatIsNoJsonGoesOnAsItCameAndIsCounted) {
  FakeUpstream upstream(answer_ok);
  ProxyUnderTest proxy(upstream.url());
  proxy.load_kb("docs", {{"a.md", "text\n"}});
  for (const std::string body : {"{\"messages\":", "{nonsense", "{\"messages\":[}"}) {
    const auto answer = ask(proxy, post("/kb/docs/v1/chat/completions", body));
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(upstream.last_request().body, body);
    EXPECT_EQ(proxy.row(answer).at("placement").as_string(), "malformed_json");
  }
  EXPECT_EQ(proxy.admin("GET", "/api/status").at("not_understood").to_number<int>(), 3);
}

TEST(BadInput, OfTheWrongShapeGoesOnAsItCame) {
  FakeUpstream upstream(answer_ok);
  ProxyUnderTest proxy(upstream.url());
  proxy.load_kb("docs", {{"a.md", "text\n"}});
  for (const std::string body : {R"({"messages":7})", "[]", R"({"messages":[],"messages":[]})"}) {
    ask(proxy, post("/kb/docs/v1/chat/completions", body));
    EXPECT_EQ(upstream.last_request().body, body);
  }
}

TEST(BadInput, LargerThanTheLimitIsRefusedBeforeItIsRead) {
  FakeUpstream upstream(answer_ok);
  ProxyUnderTest proxy(upstream.url(), [](proxy::ServerOptions& options) {
    options.settings.proxy.max_body_bytes = 1000;
  });
  const auto answer = ask(proxy, post("/v1/messages", std::string(1001, 'x')));
  EXPECT_EQ(answer.status(), 413);
  EXPECT_EQ(boost::json::parse(answer.body).at("error").at("type"), "request_too_large");
  EXPECT_EQ(answer.field("x-should-retry"), "false");
  EXPECT_EQ(proxy.row(answer).at("error").as_string(), "body_too_large");
  EXPECT_TRUE(upstream.requests().empty());
}

TEST(BadInput, ThatGrowsLargerThanTheLimitInChunksIsRefused) {
  FakeUpstream upstream(answer_ok);
  ProxyUnderTest proxy(upstream.url(), [](proxy::ServerOptions& options) {
    options.settings.proxy.max_body_bytes = 1000;
  });
  const auto answer =
      ask(proxy, "POST /v1/responses HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                     chunk(std::string(600, 'x')) + chunk(std::string(600, 'x')) +
                     std::string(kLastChunk));
  EXPECT_EQ(answer.status(), 413);
  EXPECT_EQ(boost::json::parse(answer.body).at("error").at("code"), "body_too_large");
}

TEST(BadInput, NamingAnUnknownKnowledgeBaseSaysHowToLoadIt) {
  FakeUpstream upstream(answer_ok);
  ProxyUnderTest proxy(upstream.url());
  const auto answer =
      ask(proxy, post("/kb/nope/v1beta/models/gemini-3.8-flash:generateContent", "{}"));
  EXPECT_EQ(answer.status(), 404);
  const auto error = boost::json::parse(answer.body).at("error");
  EXPECT_EQ(error.at("code"), 404);
  EXPECT_EQ(error.at("status"), "NOT_FOUND");
  EXPECT_NE(error_message(answer).find("foreword kb load nope"), std::string::npos);
}

TEST(BadInput, AmbiguousHeadsAreRefused) {
  FakeUpstream upstream(answer_ok);
  ProxyUnderTest proxy(upstream.url());
  const std::string rest = "\r\n\r\n{}";
  for (const std::string fields : {
           "Host: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked",
           "Host: x\r\nContent-Length: 2\r\nContent-Length: 2",
           "Host: x\r\nContent-Length: 2\r\nContent-Length: 3",
           "Host: x\r\nTransfer-Encoding: chunked, identity",
           "Host: x\r\nTransfer-Encoding: identity",
           "Host: x\r\nHost: y\r\nContent-Length: 2",
           "Content-Length: 2",
           "Host: x\r\nX-Folded: a\r\n b\r\nContent-Length: 2",
           "Host : x\r\nContent-Length: 2",
       }) {
    const auto answer = ask(proxy, "POST /v1/messages HTTP/1.1\r\n" + fields + rest);
    EXPECT_EQ(answer.status(), 400) << fields;
    EXPECT_EQ(answer.field("x-foreword-error"), "bad_request") << fields;
  }
  EXPECT_TRUE(upstream.requests().empty());
}

TEST(BadInput, HeadsWithoutEndAreRefused) {
  FakeUpstream upstream(answer_ok);
  ProxyUnderTest proxy(upstream.url());
  EXPECT_EQ(ask(proxy, "GET / HTTP/1.1\r\nX: " + std::string(70'000, 'x')).status(), 431);
  EXPECT_EQ(ask(proxy, "\x16\x03\x01 a TLS hello").status(), 400);
}

TEST(BadInput, AnUnknownModeNamesTheThreeThatExist) {
  FakeUpstream upstream(answer_ok);
  ProxyUnderTest proxy(upstream.url());
  const auto answer = ask(proxy, post("/v1/messages", kPrompt, "X-Foreword-Mode: fast\r\n"));
  EXPECT_EQ(answer.status(), 400);
  EXPECT_NE(error_message(answer).find("observe"), std::string::npos);
}

TEST(BadInput, AClientThatStopsInTheMiddleIsToldSoAndLeavesARow) {
  FakeUpstream upstream(answer_ok);
  ProxyUnderTest proxy(upstream.url(), [](proxy::ServerOptions& options) {
    options.settings.proxy.request_timeout = std::chrono::milliseconds(300);
  });
  auto client = proxy.connect();
  client.send("POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
  const auto answer = read_message(client, true);
  EXPECT_EQ(answer.status(), 408);
  EXPECT_EQ(proxy.row(answer).at("error").as_string(), "request_timeout");
}

TEST(Upstream, ThatCannotBeReachedIsNamed) {
  std::string url;
  { url = FakeUpstream(answer_ok).url(); }
  ProxyUnderTest proxy(url);
  const auto answer = ask(proxy, post("/v1/messages", kPrompt));
  EXPECT_EQ(answer.status(), 502);
  EXPECT_EQ(answer.field("x-foreword-error"), "upstream_unreachable");
  EXPECT_NE(error_message(answer).find("Connection refused"), std::string::npos);
  EXPECT_EQ(proxy.row(answer).at("outcome").as_string(), "failed");
}

TEST(Upstream, ThatClosesBeforeItAnswersIsABadGateway) {
  FakeUpstream upstream([](const Message&, Wire& wire) { wire.close(); });
  ProxyUnderTest proxy(upstream.url());
  const auto answer = ask(proxy, post("/v1/chat/completions", kPrompt));
  EXPECT_EQ(answer.status(), 502);
  EXPECT_EQ(boost::json::parse(answer.body).at("error").at("type"), "server_error");
  EXPECT_EQ(upstream.requests().size(), 1u);  // retrying is the SDK's part
}

TEST(Upstream, ThatStallsBeforeItAnswersIsATimeout) {
  Signal<> over;
  FakeUpstream upstream([&](const Message&, Wire&) { over.wait(); });
  ProxyUnderTest proxy(upstream.url(), [](proxy::ServerOptions& options) {
    options.settings.proxy.first_byte_timeout = std::chrono::milliseconds(300);
  });
  const auto answer = ask(proxy, post("/v1/messages", kPrompt));
  EXPECT_EQ(answer.status(), 504);
  EXPECT_EQ(proxy.row(answer).at("error").as_string(), "upstream_timeout");
  over.set();
}

TEST(Upstream, ThatDoesNotSpeakHttpIsABadGateway) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    wire.close();
  });
  ProxyUnderTest proxy(upstream.url());
  EXPECT_EQ(ask(proxy, post("/v1/messages", kPrompt)).field("x-foreword-error"),
            "upstream_malformed");
}

TEST(Upstream, ErrorsReachTheClientAsSent) {
  const std::string error = R"({"type":"error","error":{"type":"overloaded_error","message":"x"}})";
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    wire.send(
        "HTTP/1.1 529 Overloaded\r\nretry-after: 3\r\nx-should-retry: true\r\nContent-Length: " +
        std::to_string(error.size()) + "\r\n\r\n" + error);
  });
  ProxyUnderTest proxy(upstream.url());
  const auto answer = ask(proxy, post("/v1/messages", kPrompt));
  EXPECT_EQ(answer.first_line(), "HTTP/1.1 529 Overloaded");
  EXPECT_EQ(answer.field("retry-after"), "3");
  EXPECT_EQ(answer.body, error);
  EXPECT_EQ(proxy.row(answer).at("usage_source").as_string(), "none");
}

TEST(Upstream, GetsUploadsOfAnySizeAsTheyCome) {
  FakeUpstream upstream(answer_ok);
  ProxyUnderTest proxy(upstream.url());
  const auto body = std::string(3u << 20, 'f');
  EXPECT_EQ(ask(proxy, post("/v1/files", body)).status(), 200);
  EXPECT_TRUE(upstream.last_request().body == body);
}

}  // namespace
}  // namespace foreword::test
