// An upstream may answer before it has read the request: the client hears of it at once.
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"
#include "support/signal.h"

namespace foreword::test {
namespace {

const std::string kTooLarge =
    "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

/// More than all socket buffers on the way.
std::string large_prompt() {
  return R"({"model":"claude-sonnet-5-5","messages":[{"role":"user","content":")" +
         std::string(24u << 20, 'x') + "\"}]}";
}

TEST(EarlyAnswer, ToALargePromptReachesTheClientAlthoughNobodyReadsTheRest) {
  Signal<> over;
  FakeUpstream upstream(
      [&](const Message&, Wire& wire) {
        wire.send(kTooLarge);
        over.wait();
        wire.close();
      },
      FakeUpstream::Reads::heads);
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send(post("/v1/messages", large_prompt()));
  const auto answer = read_message(client, true);
  EXPECT_EQ(answer.status(), 413);
  EXPECT_EQ(answer.body, "{}");
  EXPECT_EQ(proxy.row(answer).at("status").to_number<int>(), 413);
  over.set();
}

TEST(EarlyAnswer, ToAnUploadReachesAClientThatHasNotSentTheRest) {
  Signal<> over;
  FakeUpstream upstream(
      [&](const Message&, Wire& wire) {
        wire.send(kTooLarge);
        over.wait();
        wire.close();
      },
      FakeUpstream::Reads::heads);
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send("POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nsome");
  const auto answer = read_message(client, true);
  EXPECT_EQ(answer.status(), 413);
  EXPECT_TRUE(client.closed_by_peer());
  over.set();
}

TEST(EarlyAnswer, ToAnUploadMayGoOnWhileTheUploadDoes) {
  FakeUpstream upstream(
      [](const Message&, Wire& wire) {
        wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 3; ++i) wire.send(chunk(wire.read_exactly(4)));
        wire.send(kLastChunk);
      },
      FakeUpstream::Reads::heads);
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send("POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n");
  EXPECT_NE(client.read_until("\r\n\r\n").find("Connection: close\r\n"), std::string::npos);
  for (const std::string word : {"echo", "each", "word"}) {
    client.send(word);
    EXPECT_EQ(client.read_until(word + "\r\n"), chunk(word));
  }
  EXPECT_EQ(client.read_until(kLastChunk), kLastChunk);
  EXPECT_TRUE(client.closed_by_peer());
}

TEST(Upload, WhoseClientLeavesIsCutAtTheUpstream) {
  Signal<bool> cut;
  FakeUpstream upstream(
      [&](const Message&, Wire& wire) {
        wire.read_exactly(4);
        cut.set(wire.closed_by_peer());
        wire.close();
      },
      FakeUpstream::Reads::heads);
  ProxyUnderTest proxy(upstream.url());
  {
    auto client = proxy.connect();
    client.send("POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nsome");
  }
  EXPECT_EQ(cut.wait(), true);
}

TEST(Upload, WithBrokenChunksIsRefusedAndCutAtTheUpstream) {
  Signal<> begun;
  Signal<bool> cut;
  FakeUpstream upstream(
      [&](const Message&, Wire& wire) {
        begun.set();
        cut.set(wire.closed_by_peer());
        wire.close();
      },
      FakeUpstream::Reads::heads);
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send("POST /v1/files HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.send("4\r\nsome\r\n");
  begun.wait();
  client.send("zz\r\n");
  EXPECT_EQ(read_message(client, true).status(), 400);
  EXPECT_EQ(cut.wait(), true);
}

TEST(Upload, WhoseUpstreamClosesWithoutAnAnswerIsABadGateway) {
  FakeUpstream upstream(
      [](const Message&, Wire& wire) {
        wire.read_exactly(4);
        wire.close();
      },
      FakeUpstream::Reads::heads);
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send("POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nsome");
  const auto answer = read_message(client, true);
  EXPECT_EQ(answer.status(), 502);
  EXPECT_EQ(answer.field("x-foreword-error"), "upstream_closed");
}

}  // namespace
}  // namespace foreword::test
