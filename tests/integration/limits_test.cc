// Every limit is met with a quick, clear answer, and ends at its time.
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"
#include "support/signal.h"

namespace foreword::test {
namespace {

using std::chrono::milliseconds;

const std::string kPrompt = R"({"model":"claude-sonnet-5-5","messages":[]})";

void answer_ok(const Message&, Wire& wire) {
  wire.send(ok_response("{}"));
}

TEST(Limits, OfRequestsUnderWayRefuseTheNextOneAtOnceAndLetALaterOneIn) {
  Signal<> arrived;
  Signal<> go_on;
  std::atomic<int> seen{0};
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    if (seen++ == 0) {
      arrived.set();
      go_on.wait();
    }
    wire.send(ok_response("{}"));
  });
  ProxyUnderTest proxy(upstream.url(), [](proxy::ServerOptions& options) {
    for (auto& each : options.settings.upstreams) each.max_in_flight = 1;
  });
  auto first = proxy.connect();
  first.send(post("/v1/messages", kPrompt));
  arrived.wait();

  const auto refused = ask(proxy, post("/v1/messages", kPrompt));
  EXPECT_EQ(refused.status(), 529);
  EXPECT_EQ(refused.field("retry-after"), "1");
  EXPECT_EQ(boost::json::parse(refused.body).at("error").at("type"), "overloaded_error");
  EXPECT_EQ(proxy.row(refused).at("error").as_string(), "overloaded");
  // Each upstream has places of its own.
  EXPECT_EQ(ask(proxy, post("/v1/responses", kPrompt)).status(), 200);

  go_on.set();
  EXPECT_EQ(read_message(first, true).status(), 200);
  first.send(post("/v1/messages", kPrompt));  // its place is free once this connection reads on
  EXPECT_EQ(read_message(first, true).status(), 200);
}

TEST(Limits, OfMemoryForPromptsRefuseWhatGoesBeyondUntilOthersAreSent) {
  Signal<> arrived;
  Signal<> go_on;
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    arrived.set();
    go_on.wait();
    wire.send(ok_response("{}"));
  });
  ProxyUnderTest proxy(upstream.url(), [](proxy::ServerOptions& options) {
    options.settings.proxy.max_buffered_bytes = 100'000;
  });
  const auto prompt = [](std::size_t bytes) {
    return post("/v1/messages",
                R"({"model":"m","messages":[],"x":")" + std::string(bytes, 'x') + "\"}");
  };
  auto first = proxy.connect();
  first.send(prompt(80'000));
  arrived.wait();
  const auto refused = ask(proxy, prompt(40'000));
  EXPECT_EQ(refused.status(), 529);
  EXPECT_EQ(refused.field("x-foreword-error"), "overloaded");
  EXPECT_EQ(refused.field("retry-after"), "1");
  go_on.set();
  EXPECT_EQ(read_message(first, true).status(), 200);
  EXPECT_EQ(ask(proxy, prompt(40'000)).status(), 200);
}

TEST(Limits, OfRequestsUnderWayHoldForWhatPassesThroughToo) {
  Signal<> arrived;
  Signal<> go_on;
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    arrived.set();
    go_on.wait();
    wire.send(ok_response("{}"));
  });
  ProxyUnderTest proxy(upstream.url(), [](proxy::ServerOptions& options) {
    for (auto& each : options.settings.upstreams) each.max_in_flight = 1;
  });
  auto first = proxy.connect();
  first.send("GET /v1/files HTTP/1.1\r\nHost: x\r\n\r\n");
  arrived.wait();
  EXPECT_EQ(ask(proxy, "GET /v1/files HTTP/1.1\r\nHost: x\r\n\r\n").status(), 503);
  go_on.set();
  EXPECT_EQ(read_message(first, true).status(), 200);
}

TEST(Limits, OfConnectionsAreToldToTheClientThatIsTooMany) {
  FakeUpstream upstream(answer_ok);
  ProxyUnderTest proxy(upstream.url(), [](proxy::ServerOptions& options) {
    options.settings.proxy.max_connections = 1;
  });
  auto first = proxy.connect();
  first.send(post("/v1/messages", kPrompt));
  EXPECT_EQ(read_message(first, true).status(), 200);
  auto second = proxy.connect();
  second.send(post("/v1/messages", kPrompt));
  const auto refused = read_message(second, true);
  EXPECT_EQ(refused.status(), 529);
  EXPECT_EQ(refused.field("connection"), "close");
  EXPECT_TRUE(second.closed_by_peer());
  first.send(post("/v1/messages", kPrompt));
  EXPECT_EQ(read_message(first, true).status(), 200);
}

TEST(Limits, OfHeadsNameTheSetting) {
  FakeUpstream upstream(answer_ok);
  ProxyUnderTest proxy(upstream.url(), [](proxy::ServerOptions& options) {
    options.settings.proxy.max_head_bytes = 4096;
  });
  const auto head = [](std::size_t bytes) {
    return "GET /v1/files HTTP/1.1\r\nHost: x\r\nX: " + std::string(bytes - 40, 'x') + "\r\n\r\n";
  };
  ASSERT_EQ(head(4096).size(), 4096u);
  EXPECT_EQ(ask(proxy, head(4096)).status(), 200);
  const auto refused = ask(proxy, head(4097));
  EXPECT_EQ(refused.status(), 431);
  EXPECT_NE(refused.body.find("proxy.max_head_bytes = 4096"), std::string::npos);
}

TEST(Limits, OfTheWholeRequestEndAStreamThatNeverDoes) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send(event_stream_head());
    while (wire.send(chunk("data: {}\n\n"))) std::this_thread::sleep_for(milliseconds(20));
    wire.close();
  });
  ProxyUnderTest proxy(upstream.url(), [](proxy::ServerOptions& options) {
    options.settings.proxy.total_timeout = milliseconds(500);
  });
  const auto answer = ask(proxy, post("/v1/messages", kPrompt));
  EXPECT_EQ(answer.status(), 200);
  EXPECT_FALSE(answer.complete);
  EXPECT_EQ(proxy.row(answer).at("outcome").as_string(), "upstream_cut");
}

TEST(Limits, OfTheWholeRequestAreToldToAClientThatHasNoAnswerYet) {
  Signal<> over;
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    over.wait();
    wire.close();
  });
  ProxyUnderTest proxy(upstream.url(), [](proxy::ServerOptions& options) {
    options.settings.proxy.total_timeout = milliseconds(300);
  });
  const auto answer = ask(proxy, post("/v1/messages", kPrompt));
  EXPECT_EQ(answer.status(), 504);
  EXPECT_EQ(answer.field("x-foreword-error"), "total_timeout");
  over.set();
}

TEST(Limits, OfATunnelAreThoseOfSilence) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n");
    EXPECT_TRUE(wire.closed_by_peer());
    wire.close();
  });
  ProxyUnderTest proxy(upstream.url(), [](proxy::ServerOptions& options) {
    options.settings.proxy.idle_timeout = milliseconds(300);
  });
  auto client = proxy.connect();
  client.send(
      "GET /v1/realtime HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 101"));
  EXPECT_TRUE(client.closed_by_peer());
}

TEST(Limits, LetNoClientHoldALargeAnswerInMemory) {
  // More than all socket buffers on the way: the upstream can only finish once the client reads.
  const std::string piece(1u << 20, 'x');
  constexpr int kPieces = 64;
  std::atomic<int> sent{0};
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kPieces * piece.size()) +
              "\r\n\r\n");
    while (sent < kPieces && wire.send(piece)) ++sent;
  });
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send("GET /v1/files/a HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("\r\n\r\n");
  for (int before = -1; before != sent; std::this_thread::sleep_for(milliseconds(100))) {
    before = sent;
  }
  EXPECT_LT(sent, kPieces);
  EXPECT_EQ(client.read_exactly(kPieces * piece.size()).size(), kPieces * piece.size());
}

TEST(Heads, WithoutCarriageReturnsAreRefusedWithoutWaiting) {
  FakeUpstream upstream(answer_ok);
  ProxyUnderTest proxy(upstream.url());
  EXPECT_EQ(ask(proxy, "GET /v1/files HTTP/1.1\nHost: x\n\n").status(), 400);
}

TEST(Heads, MayFollowEmptyLines) {
  FakeUpstream upstream(answer_ok);
  ProxyUnderTest proxy(upstream.url());
  EXPECT_EQ(ask(proxy, "\r\n\r\nGET /v1/files HTTP/1.1\r\nHost: x\r\n\r\n").status(), 200);
}

TEST(Heads, BehindAFloodOfEmptyLinesAreRefused) {
  FakeUpstream upstream(answer_ok);
  ProxyUnderTest proxy(upstream.url());
  std::string flood;
  for (int i = 0; i < 40'000; ++i) flood += "\r\n";
  EXPECT_EQ(ask(proxy, flood).status(), 400);
}

TEST(Heads, WithAFoldedFieldWhoseFirstLineIsEmptyAreRefused) {
  FakeUpstream upstream(answer_ok);
  ProxyUnderTest proxy(upstream.url());
  EXPECT_EQ(ask(proxy, "GET /v1/files HTTP/1.1\r\nHost: x\r\nX-A:\r\n folded\r\n\r\n").status(),
            400);
}

TEST(Listen, SharesItsPortWithNoOtherProcess) {
  ProxyUnderTest proxy("http://127.0.0.1:9");
  const auto second = [&proxy] {
    ProxyUnderTest("http://127.0.0.1:9", [&proxy](proxy::ServerOptions& options) {
      options.settings.proxy.listen.port = proxy.port();
    });
  };
  EXPECT_THROW(second(), std::runtime_error);
}

TEST(Drain, WaitsNoLongerThanItMayForASilentUpstream) {
  Signal<> arrived;
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    arrived.set();
    EXPECT_TRUE(wire.closed_by_peer());
    wire.close();
  });
  ProxyUnderTest proxy(upstream.url(), [](proxy::ServerOptions& options) {
    options.settings.proxy.drain_timeout = milliseconds(100);
  });
  auto client = proxy.connect();
  client.send(post("/v1/messages", kPrompt));
  arrived.wait();
  const auto began = std::chrono::steady_clock::now();
  proxy.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

TEST(Heads, OfHeadRequestsAreRefusedWithoutABody) {
  FakeUpstream upstream(answer_ok);
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send("HEAD /v1/files HTTP/1.1\r\nHost: x\r\nX-Foreword-Mode: none such\r\n\r\n");
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 400"));
  client.send("GET /v1/files HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_message(client, true).status(), 200);
}

}  // namespace
}  // namespace foreword::test
