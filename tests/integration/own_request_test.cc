// A request of Foreword's own: who is asked, with which key, and what is made of what comes back.
#include "proxy/own_request.h"

#include <thread>

#include <gtest/gtest.h>

#include "config/load.h"
#include "support/fake_upstream.h"
#include "support/signal.h"

namespace foreword::test {
namespace {

using proxy::OwnAnswer;

class OwnRequest : public testing::Test {
 protected:
  void start(const std::string& url, config::Provider provider) {
    config::UpstreamSettings upstream;
    upstream.name = "theirs";
    upstream.provider = provider;
    upstream.base_url = *config::parse_base_url(url);
    upstreams_.push_back(*proxy::Upstream::make(upstream));
    resolver_ = std::make_unique<proxy::Resolver>(
        std::vector<std::shared_ptr<proxy::HostAddresses>>{upstreams_.front()->addresses()});
    own_ = std::make_unique<proxy::OwnRequests>(settings_, upstreams_, keys_);
  }
  config::Result<OwnAnswer> send() {
    const std::vector<std::string_view> pieces = {"{\"a\":", "1}"};
    proxy::OwnRequest request;
    request.upstream = "theirs";
    request.target = "/v1/things";
    request.body = pieces;
    return own_->send(request);
  }

  config::Settings settings_;
  std::map<std::string, std::string, std::less<>> keys_{{"theirs", "sk-1"}};
  std::vector<std::unique_ptr<proxy::Upstream>> upstreams_;
  std::unique_ptr<proxy::Resolver> resolver_;
  std::unique_ptr<proxy::OwnRequests> own_;
};

TEST_F(OwnRequest, GoesOutWithTheKeyAndBringsTheAnswer) {
  FakeUpstream upstream([](const Message&, Wire& wire) { wire.send(ok_response("[2]")); });
  start(upstream.url(), config::Provider::anthropic);
  const auto answer = send();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200u);
  EXPECT_EQ(answer->body, "[2]");
  const auto sent = upstream.last_request();
  EXPECT_TRUE(sent.head.starts_with("POST /v1/things HTTP/1.1\r\n")) << sent.head;
  EXPECT_EQ(sent.body, "{\"a\":1}");
  EXPECT_EQ(sent.field("x-api-key"), "sk-1");
  EXPECT_EQ(sent.field("anthropic-version"), "2023-06-01");
}

TEST_F(OwnRequest, ShowsOpenAiItsKeyAsABearerToken) {
  FakeUpstream upstream([](const Message&, Wire& wire) { wire.send(ok_response("{}")); });
  start(upstream.url(), config::Provider::openai);
  ASSERT_TRUE(send());
  EXPECT_EQ(upstream.last_request().field("authorization"), "Bearer sk-1");
  EXPECT_FALSE(upstream.last_request().field("x-api-key"));
}

TEST_F(OwnRequest, BringsAnAnswerOfAnyStatus) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send("HTTP/1.1 429 Slow Down\r\nContent-Length: 2\r\n\r\nno");
  });
  start(upstream.url(), config::Provider::gemini);
  const auto answer = send();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 429u);
  EXPECT_EQ(answer->body, "no");
}

TEST_F(OwnRequest, SaysWhenToAskAgainWhereTheAnswerDoes) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send("HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
  });
  start(upstream.url(), config::Provider::openai);
  EXPECT_EQ(send()->retry_after, std::chrono::seconds(7));
}

TEST_F(OwnRequest, WithoutAKeyIsAnError) {
  keys_.clear();
  start("http://127.0.0.1:9", config::Provider::anthropic);
  EXPECT_FALSE(own_->can_ask("theirs"));
  EXPECT_FALSE(send());
}

TEST_F(OwnRequest, ThatBreaksOffIsAnError) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12");
    wire.close();
  });
  start(upstream.url(), config::Provider::anthropic);
  const auto answer = send();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "upstream theirs: its answer broke off");
}

TEST_F(OwnRequest, TakesNoAnswerThatIsTooLong) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send(ok_response(std::string(config::limits::kMaxOwnAnswerBytes + 1, ' ')));
  });
  start(upstream.url(), config::Provider::anthropic);
  EXPECT_FALSE(send());
}

TEST_F(OwnRequest, IsGivenUpWhereThereIsNoAnswerInTime) {
  settings_.proxy.first_byte_timeout = std::chrono::milliseconds(1);
  Signal over;
  FakeUpstream upstream([&over](const Message&, Wire&) { over.wait(); });
  start(upstream.url(), config::Provider::anthropic);
  const auto answer = send();
  over.set();
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().message.find("first_byte_timeout_ms"), std::string::npos);
}

TEST_F(OwnRequest, UnderWayIsEndedByAStop) {
  Signal asked;
  Signal over;
  FakeUpstream upstream([&](const Message&, Wire&) {
    asked.set();
    over.wait();
  });
  start(upstream.url(), config::Provider::anthropic);
  std::thread stopper([&] {
    asked.wait();
    own_->stop();
  });
  const auto answer = send();
  over.set();
  stopper.join();
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().message.find("stopping"), std::string::npos);
  EXPECT_FALSE(send());
}

}  // namespace
}  // namespace foreword::test
