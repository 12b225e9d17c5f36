// Answers pass piece by piece as they come; an end is only an end where the upstream made one.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "config/limits.h"
#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"
#include "support/signal.h"

namespace foreword::test {
namespace {

const std::string kPrompt = R"({"model":"claude-sonnet-5-5","stream":true,"messages":[]})";

std::string event(int number) {
  return "event: ping\ndata: {\"n\":" + std::to_string(number) + "}\n\n";
}

TEST(Relay, PassesEachEventBeforeTheNextOneIsMade) {
  Signal<> seen[3];
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    wire.send(event_stream_head());
    for (int i = 0; i < 3; ++i) {
      wire.send(chunk(event(i)));
      seen[i].wait();
    }
    wire.send(kLastChunk);
  });
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send(post("/v1/messages", kPrompt));
  client.read_until("\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client.read_until("\n\n\r\n"), chunk(event(i)));
    seen[i].set();
  }
  EXPECT_EQ(client.read_until(kLastChunk), kLastChunk);
}

TEST(Relay, SendsTheHeadBeforeTheFirstByteOfTheBody) {
  Signal<> head_seen;
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    wire.send(event_stream_head());
    head_seen.wait();
    wire.send(kLastChunk);
  });
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send(post("/v1/messages", kPrompt));
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
  head_seen.set();
}

TEST(Relay, KeepsTheUpstreamsChunksOneByOneAndDropsTrailers) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send(event_stream_head() + chunk("a") + chunk("bc") + chunk("d") +
              "0\r\nX-Trailer: 1\r\n\r\n");
  });
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send(post("/v1/files", "{}"));
  client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read_until("0\r\n\r\n"), "1\r\na\r\n2\r\nbc\r\n1\r\nd\r\n0\r\n\r\n");
}

TEST(Relay, CutByTheUpstreamIsCutForTheClientToo) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send(event_stream_head() + chunk(event(1)));
    wire.close();
  });
  ProxyUnderTest proxy(upstream.url());
  const auto answer = ask(proxy, post("/v1/messages", kPrompt));
  EXPECT_EQ(answer.body, event(1));
  EXPECT_FALSE(answer.complete);
  EXPECT_EQ(proxy.row(answer).at("outcome").as_string(), "upstream_cut");
}

TEST(Relay, OfALengthThatTheUpstreamDoesNotReachIsCut) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
    wire.close();
  });
  ProxyUnderTest proxy(upstream.url());
  const auto answer = ask(proxy, post("/v1/messages", kPrompt));
  EXPECT_EQ(answer.body, "short");
  EXPECT_FALSE(answer.complete);
}

TEST(Relay, OfAStalledStreamIsCutAfterTheIdleTimeout) {
  Signal<> over;
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    wire.send(event_stream_head() + chunk(event(1)));
    over.wait();
  });
  ProxyUnderTest proxy(upstream.url(), [](proxy::ServerOptions& options) {
    options.settings.proxy.idle_timeout = std::chrono::milliseconds(300);
  });
  const auto answer = ask(proxy, post("/v1/messages", kPrompt));
  EXPECT_FALSE(answer.complete);
  EXPECT_EQ(proxy.row(answer).at("outcome").as_string(), "upstream_cut");
  over.set();
}

TEST(Relay, OfAnAnswerThatEndsWithItsConnectionIsChunkedForTheClient) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send("HTTP/1.1 200 OK\r\n\r\nall of it");
    wire.close();
  });
  ProxyUnderTest proxy(upstream.url());
  const auto answer = ask(proxy, post("/v1/messages", kPrompt));
  EXPECT_EQ(answer.field("transfer-encoding"), "chunked");
  EXPECT_EQ(answer.body, "all of it");
  EXPECT_TRUE(answer.complete);
}

TEST(Relay, ToAnHttp10ClientIsNeitherChunkedNorKept) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send(event_stream_head() + chunk("one") + chunk("two") + std::string(kLastChunk));
  });
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send("GET /v1/models HTTP/1.0\r\n\r\n");
  const auto answer = client.read_to_end();
  EXPECT_TRUE(answer.ends_with("\r\n\r\nonetwo")) << answer;
  EXPECT_EQ(answer.find("Transfer-Encoding"), std::string::npos);
}

TEST(Relay, OfHeadAndNoContentHasNoBody) {
  FakeUpstream upstream([](const Message& request, Wire& wire) {
    wire.send(request.head.starts_with("HEAD") ? "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"
                                               : "HTTP/1.1 204 No Content\r\n\r\n");
  });
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send("HEAD /v1/models HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_message(client, true, false).field("content-length"), "1234");
  client.send("DELETE /v1/files/1 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_message(client, true).status(), 204);
}

TEST(Relay, PassesInterimAnswersOnButTheContinueThatNobodyAskedFor) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
              ok_response("{}"));
  });
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send(post("/v1/messages", kPrompt));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
  EXPECT_EQ(read_message(client, true).body, "{}");
}

TEST(Relay, KeepsInterimAnswersFromAnHttp10Client) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok_response("{}"));
  });
  ProxyUnderTest proxy(upstream.url());
  const auto answer = ask(proxy, "GET /v1/files HTTP/1.0\r\n\r\n");
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.body, "{}");
}

TEST(Relay, TakesASwitchOfProtocolsThatNobodyAskedForAsNoAnswer) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n");
  });
  ProxyUnderTest proxy(upstream.url());
  EXPECT_EQ(ask(proxy, post("/v1/messages", kPrompt)).field("x-foreword-error"),
            "upstream_malformed");
}

TEST(Relay, TakesAFloodOfInterimAnswersAsNoAnswer) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    std::string flood;
    for (int i = 0; i < 1000; ++i) flood += "HTTP/1.1 102 Processing\r\n\r\n";
    wire.send(flood);
  });
  ProxyUnderTest proxy(upstream.url());
  // A client that speaks HTTP/1.0 is not sent the interim ones.
  const auto answer = ask(proxy, "GET /v1/models HTTP/1.0\r\n\r\n");
  EXPECT_EQ(answer.field("x-foreword-error"), "upstream_malformed");
}

TEST(Relay, TellsTheUpstreamWithinASecondThatTheClientLeft) {
  for (const bool by_reset : {false, true}) {
    Signal<bool> noticed;
    FakeUpstream upstream([&](const Message&, Wire& wire) {
      wire.send(event_stream_head() + chunk(event(1)));
      noticed.set(wire.closed_by_peer());
      wire.close();
    });
    ProxyUnderTest proxy(upstream.url());
    auto client = proxy.connect();
    client.send(post("/v1/messages", kPrompt));
    client.read_until("\n\n");
    if (by_reset) client.reset();
    client.close();
    EXPECT_EQ(noticed.wait(std::chrono::seconds(1)), true);
  }
}

TEST(Relay, NoticesAClientThatLeavesBeforeTheFirstByte) {
  Signal<> arrived;
  Signal<bool> noticed;
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    arrived.set();
    noticed.set(wire.closed_by_peer());
    wire.close();
  });
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send(post("/v1/messages", kPrompt));
  arrived.wait();
  client.close();
  EXPECT_TRUE(noticed.wait(std::chrono::seconds(1)));
}

TEST(Relay, AnswersPipelinedRequestsInTheirOrder) {
  std::atomic<int> count{0};
  FakeUpstream upstream(
      [&](const Message&, Wire& wire) { wire.send(ok_response(std::to_string(++count))); });
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  const auto one = post("/v1/messages", kPrompt);
  client.send(one + one + "GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n");
  for (const auto* expected : {"1", "2", "3"}) EXPECT_EQ(read_message(client, true).body, expected);
}

TEST(Relay, ReusesConnectionsOnBothSides) {
  FakeUpstream upstream([](const Message&, Wire& wire) { wire.send(ok_response("{}")); });
  ProxyUnderTest proxy(upstream.url(),
                       [](proxy::ServerOptions& options) { options.settings.proxy.threads = 1; });
  auto client = proxy.connect();
  for (int i = 0; i < 10; ++i) {
    client.send(post("/v1/messages", kPrompt));
    EXPECT_EQ(read_message(client, true).status(), 200);
  }
  EXPECT_EQ(upstream.connections(), 1u);
}

TEST(Relay, ReplacesAPooledConnectionThatTheUpstreamClosed) {
  Signal<> closed;
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    wire.send(ok_response("{}"));
    wire.close();
    closed.set();
  });
  ProxyUnderTest proxy(upstream.url(),
                       [](proxy::ServerOptions& options) { options.settings.proxy.threads = 1; });
  EXPECT_EQ(ask(proxy, post("/v1/messages", kPrompt)).status(), 200);
  closed.wait();
  EXPECT_EQ(ask(proxy, post("/v1/messages", kPrompt)).status(), 200);
  EXPECT_EQ(upstream.connections(), 2u);
}

TEST(Relay, NoticesAtOnceThatAnIdleClientHasLeft) {
  FakeUpstream upstream([](const Message&, Wire& wire) { wire.send(ok_response("{}")); });
  auto quickest = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 5; ++i) {  // the quickest, since the machine may be busy
    ProxyUnderTest proxy(upstream.url());
    EXPECT_EQ(ask(proxy, post("/v1/messages", kPrompt)).status(), 200);
    const auto began = std::chrono::steady_clock::now();
    proxy.stop();  // which waits for the clients that are there
    quickest = std::min(quickest, std::chrono::steady_clock::now() - began);
  }
  EXPECT_LT(quickest, config::limits::kDeadlineTick);
}

TEST(Relay, NeverSendsAgainWhatTheUpstreamMayHaveActedUpon) {
  std::atomic<int> count{0};
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    if (++count == 2) return wire.close();  // dies with the second request of its connection
    wire.send(ok_response("{}"));
  });
  ProxyUnderTest proxy(upstream.url(),
                       [](proxy::ServerOptions& options) { options.settings.proxy.threads = 1; });
  EXPECT_EQ(ask(proxy, post("/v1/messages", kPrompt)).status(), 200);
  EXPECT_EQ(ask(proxy, post("/v1/messages", kPrompt)).status(), 502);
  EXPECT_EQ(upstream.requests().size(), 2u);
}

TEST(Relay, GoesOnReadingARequestThatExpectsContinue) {
  FakeUpstream upstream([](const Message&, Wire& wire) { wire.send(ok_response("{}")); });
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send(
      "POST /v1/messages HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("{}");
  EXPECT_EQ(read_message(client, true).status(), 200);
  EXPECT_EQ(upstream.last_request().field("expect"), std::nullopt);
}

TEST(Relay, TunnelsAProtocolSwitch) {
  FakeUpstream upstream([](const Message& request, Wire& wire) {
    EXPECT_EQ(request.field("upgrade"), "websocket");
    wire.send(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "
        "websocket\r\n\r\nhello");
    EXPECT_EQ(wire.read_exactly(4), "ping");
    wire.send("pong");
    wire.close();
  });
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send(
      "GET /v1/realtime HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  EXPECT_EQ(client.read_exactly(5), "hello");
  client.send("ping");
  EXPECT_EQ(client.read_to_end(), "pong");
}

TEST(Relay, TunnelsNoOtherProtocolThanWebSocket) {
  FakeUpstream upstream([](const Message& request, Wire& wire) {
    EXPECT_FALSE(request.field("upgrade"));
    EXPECT_FALSE(request.field("connection"));
    wire.send(ok_response("{}"));
  });
  ProxyUnderTest proxy(upstream.url());
  const auto answer = ask(proxy,
                          "GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, "
                          "HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n\r\n");
  EXPECT_EQ(answer.body, "{}");
}

}  // namespace
}  // namespace foreword::test
