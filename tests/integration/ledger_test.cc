// Every prompt leaves a row whose classes sum to what the provider reported, whatever became of it.
#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"
#include "support/signal.h"

namespace foreword::test {
namespace {

namespace json = boost::json;

std::string text(const json::value& row, std::string_view key) {
  return json::value_to<std::string>(row.at(key));
}

std::uint64_t tokens(const json::value& row, std::string_view token_class) {
  return row.at("tokens").at(token_class).to_number<std::uint64_t>();
}

/// Answers JSON, or as a stream when the request asks for one; each piece in its own chunk.
FakeUpstream::Handler answering(std::string body, std::vector<std::string> events = {}) {
  return [=](const Message& request, Wire& wire) {
    if (request.body.find("\"stream\":true") == std::string::npos &&
        request.head.find(":stream") == std::string::npos) {
      wire.send(ok_response(body));
      return;
    }
    wire.send(event_stream_head());
    for (const auto& event : events) wire.send(chunk(event));
    wire.send(kLastChunk);
  };
}

const std::string kMessageStart =
    "event: message_start\ndata: "
    "{\"type\":\"message_start\",\"message\":{\"model\":\"claude-sonnet-5-5\","
    "\"usage\":{\"input_tokens\":10,\"cache_read_input_tokens\":2000,\"cache_creation_input_"
    "tokens\":300,"
    "\"cache_creation\":{\"ephemeral_5m_input_tokens\":100,\"ephemeral_1h_input_tokens\":200},"
    "\"output_tokens\":1}}}\n\n";
const std::string kMessageDelta =
    "event: message_delta\ndata: "
    "{\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"output_tokens\":50}}\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

TEST(Ledger, PricesAnAnthropicStreamToTheLastDigit) {
  FakeUpstream upstream(answering("", {kMessageStart, kMessageDelta}));
  ProxyUnderTest proxy(upstream.url());
  const auto answer = ask(
      proxy, post("/v1/messages", R"({"model":"claude-sonnet-5-5","stream":true,"messages":[]})",
                  "X-Foreword-Label: support\r\n"));
  const auto row = proxy.row(answer);
  EXPECT_EQ(tokens(row, "input"), 10u);
  EXPECT_EQ(tokens(row, "cache_read"), 2000u);
  EXPECT_EQ(tokens(row, "cache_write_5m"), 100u);
  EXPECT_EQ(tokens(row, "cache_write_1h"), 200u);
  EXPECT_EQ(tokens(row, "output"), 50u);
  // 10 x 2 + 2000 x 0.1 + 100 x 2.5 + 200 x 4 + 50 x 10 = 1770 USD per million.
  EXPECT_EQ(text(row, "cost_usd"), "0.00177");
  // 2310 x 2 + 50 x 10 = 5120 USD per million.
  EXPECT_EQ(text(row, "uncached_usd"), "0.00512");
  EXPECT_EQ(text(row, "saved_usd"), "0.00335");
  EXPECT_EQ(text(row, "usage_source"), "reported");
  EXPECT_EQ(text(row, "label"), "support");
}

TEST(Ledger, TakesTheResponsesApisUsageOutOfItsLastEvent) {
  FakeUpstream upstream(answering(
      "",
      {"event: response.created\ndata: "
       "{\"type\":\"response.created\",\"response\":{\"usage\":null}}\n\n",
       "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"model\":"
       "\"gpt-5.6-terra\",\"usage\":{\"input_tokens\":5000,\"output_tokens\":20,\"total_tokens\":"
       "5020,"
       "\"input_tokens_details\":{\"cached_tokens\":4000,\"cache_write_tokens\":600}}}}\n\n"}));
  ProxyUnderTest proxy(upstream.url());
  const auto row = proxy.row(
      ask(proxy, post("/v1/responses", R"({"model":"gpt-5.6-terra","stream":true,"input":"q"})")));
  EXPECT_EQ(tokens(row, "input"), 400u);
  EXPECT_EQ(tokens(row, "cache_read"), 4000u);
  EXPECT_EQ(tokens(row, "cache_write_30m"), 600u);
  EXPECT_EQ(tokens(row, "output"), 20u);
}

TEST(Ledger, CountsGeminisThoughtsAsOutput) {
  FakeUpstream upstream(
      answering(R"({"modelVersion":"gemini-3.8-flash","usageMetadata":{"promptTokenCount":100,)"
                R"("cachedContentTokenCount":40,)"
                R"("candidatesTokenCount":5,"thoughtsTokenCount":7,)"
                R"("totalTokenCount":112}})"));
  ProxyUnderTest proxy(upstream.url());
  const auto row =
      proxy.row(ask(proxy, post("/v1beta/models/gemini-3.8-flash:generateContent", "{}")));
  EXPECT_EQ(tokens(row, "input"), 60u);
  EXPECT_EQ(tokens(row, "cache_read"), 40u);
  EXPECT_EQ(tokens(row, "output"), 12u);
}

TEST(Ledger, AsksAChatStreamForItsUsageAndKeepsThatChunkFromTheClient) {
  const std::string first =
      "data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}],\"usage\":null}\n\n";
  const std::string done = "data: [DONE]\n\n";
  FakeUpstream upstream(answering(
      "",
      {first, "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3}}\n\n",
       done}));
  ProxyUnderTest proxy(upstream.url());
  const auto answer = ask(
      proxy, post("/v1/chat/completions", R"({"model":"gpt-5.5","stream":true,"messages":[]})"));
  EXPECT_EQ(answer.body, first + done);
  EXPECT_NE(upstream.last_request().body.find(R"("stream_options":{"include_usage":true})"),
            std::string::npos);
  const auto row = proxy.row(answer);
  EXPECT_EQ(tokens(row, "input"), 9u);
  EXPECT_EQ(tokens(row, "output"), 3u);
}

TEST(Ledger, LeavesTheUsageChunkToAClientThatAskedForIt) {
  const std::string usage =
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3}}\n\n";
  FakeUpstream upstream(answering("", {usage}));
  ProxyUnderTest proxy(upstream.url());
  const std::string body =
      R"({"model":"gpt-5.5","stream":true,"stream_options":{"include_usage":true},"messages":[]})";
  EXPECT_EQ(ask(proxy, post("/v1/chat/completions", body)).body, usage);
  EXPECT_EQ(upstream.last_request().body, body);
}

TEST(Ledger, KeepsTheProvidersNumbersOfAnAbortedStream) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send(event_stream_head() + chunk(kMessageStart));
    wire.closed_by_peer();
    wire.close();
  });
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send(post("/v1/messages", R"({"model":"claude-sonnet-5-5","stream":true,"messages":[]})"));
  Message answer;
  answer.head = client.read_until("\r\n\r\n");
  client.read_until("\n\n\r\n");
  client.close();
  const auto row = proxy.row(answer);
  EXPECT_EQ(text(row, "outcome"), "client_gone");
  EXPECT_EQ(text(row, "usage_source"), "partial");
  EXPECT_EQ(tokens(row, "cache_read"), 2000u);
  EXPECT_EQ(tokens(row, "output"), 1u);
}

TEST(Ledger, EstimatesWhatACutStreamNeverReported) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send(event_stream_head() + chunk("data: {\"choices\":[{\"delta\":{\"content\":\"" +
                                          std::string(440, 'x') + "\"}}]}\n\n"));
    wire.close();
  });
  ProxyUnderTest proxy(upstream.url());
  const auto row = proxy.row(ask(
      proxy, post("/v1/chat/completions", R"({"model":"gpt-5.5","stream":true,"messages":[]})")));
  EXPECT_EQ(text(row, "outcome"), "upstream_cut");
  EXPECT_EQ(text(row, "usage_source"), "estimated");
  EXPECT_GT(tokens(row, "input"), 0u);
  EXPECT_NEAR(static_cast<double>(tokens(row, "output")), 100.0, 20.0);
}

TEST(Ledger, CountsTheTextOfACutStreamWhoseLastNumberCameBeforeIt) {
  const std::string text =
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
      "\"delta\":{\"type\":\"text_delta\",\"text\":\"" +
      std::string(4000, 'x') + "\"}}\n\n";
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    wire.send(event_stream_head() + chunk(kMessageStart) + chunk(text));
    wire.close();
  });
  ProxyUnderTest proxy(upstream.url());
  const auto row = proxy.row(ask(
      proxy, post("/v1/messages", R"({"model":"claude-sonnet-5-5","stream":true,"messages":[]})")));
  EXPECT_EQ(::foreword::test::text(row, "usage_source"), "partial");
  EXPECT_GT(tokens(row, "output"), 500u);
}

TEST(Ledger, TellsAStreamThatItsProviderEndedWithAnError) {
  const std::string error =
      "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n";
  FakeUpstream upstream(answering("", {kMessageStart, error}));
  ProxyUnderTest proxy(upstream.url());
  const auto answer = ask(
      proxy, post("/v1/messages", R"({"model":"claude-sonnet-5-5","stream":true,"messages":[]})"));
  EXPECT_EQ(answer.body, std::string(kMessageStart) + error);
  const auto row = proxy.row(answer);
  EXPECT_EQ(text(row, "outcome"), "provider_error");
  EXPECT_EQ(tokens(row, "cache_read"), 2000u);
}

/// Neither length nor chunks: only its own events can say that such a stream is whole.
std::string outcome_of_stream_that_ends_by_close(const std::string& events) {
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + events);
    wire.close();
  });
  ProxyUnderTest proxy(upstream.url());
  const auto row = proxy.row(ask(
      proxy, post("/v1/messages", R"({"model":"claude-sonnet-5-5","stream":true,"messages":[]})")));
  return std::string(text(row, "outcome"));
}

TEST(Ledger, KnowsByItsEventsWhetherAStreamThatEndsByCloseIsWhole) {
  const std::string start(kMessageStart);
  const std::string stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  EXPECT_EQ(outcome_of_stream_that_ends_by_close(start), "upstream_cut");
  EXPECT_EQ(outcome_of_stream_that_ends_by_close(start + std::string(kMessageDelta) + stop),
            "complete");
}

TEST(Ledger, HasAProvisionalRowWhileAStreamRuns) {
  Signal<> looked;
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    wire.send(event_stream_head() + chunk(kMessageStart));
    looked.wait();
    wire.send(chunk(kMessageDelta) + std::string(kLastChunk));
  });
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send(post("/v1/messages", R"({"model":"claude-sonnet-5-5","stream":true,"messages":[]})"));
  client.read_until("\n\n\r\n");
  auto row = proxy.latest_row();
  while (row.is_null()) row = proxy.latest_row();
  EXPECT_EQ(text(row, "outcome"), "provisional");
  EXPECT_EQ(text(row, "usage_source"), "partial");
  EXPECT_EQ(tokens(row, "cache_read"), 2000u);
  looked.set();
  client.read_until(kLastChunk);
}

TEST(Ledger, CountsAModelWithoutAPriceAndGuessesNothing) {
  FakeUpstream upstream(
      answering(R"({"model":"claude-next","usage":{"input_tokens":5,"output_tokens":6}})"));
  ProxyUnderTest proxy(upstream.url());
  const auto row =
      proxy.row(ask(proxy, post("/v1/messages", R"({"model":"claude-next","messages":[]})")));
  EXPECT_FALSE(row.at("priced").as_bool());
  EXPECT_EQ(tokens(row, "input"), 5u);
  EXPECT_EQ(text(row, "cost_usd"), "0");
  EXPECT_EQ(proxy.admin("GET", "/api/savings").at("total").at("unpriced").to_number<int>(), 1);
}

TEST(Ledger, HasNoRowInModeOffNorForOtherPaths) {
  FakeUpstream upstream(answering("{}"));
  ProxyUnderTest proxy(upstream.url());
  ask(proxy, post("/v1/messages", "{}", "X-Foreword-Mode: off\r\n"));
  ask(proxy, post("/v1/embeddings", "{}"));
  EXPECT_TRUE(proxy.latest_row().is_null());
}

TEST(Ledger, IsThereAfterARestart) {
  FakeUpstream upstream(
      answering(R"({"model":"claude-sonnet-5-5","usage":{"input_tokens":5,"output_tokens":6}})"));
  ProxyUnderTest proxy(upstream.url());
  const auto before =
      proxy.row(ask(proxy, post("/v1/messages", R"({"model":"claude-sonnet-5-5"})")));
  proxy.restart();
  EXPECT_EQ(proxy.latest_row(), before);
}

TEST(Ledger, SavingsAreTheSumOfTheRowsUnderLoad) {
  FakeUpstream upstream(answering(R"({"model":"claude-sonnet-5-5","usage":{"input_tokens":7,)"
                                  R"("cache_read_input_tokens":11,"output_tokens":13}})",
                                  {kMessageStart, kMessageDelta}));
  ProxyUnderTest proxy(upstream.url());
  constexpr int kClients = 8;
  constexpr int kRequests = 50;
  std::vector<std::thread> clients;
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([&, c] {
      auto client = proxy.connect();
      for (int i = 0; i < kRequests; ++i) {
        const bool stream = (i + c) % 2 == 0;
        client.send(post("/v1/messages", stream ? R"({"model":"claude-sonnet-5-5","stream":true})"
                                                : R"({"model":"claude-sonnet-5-5"})"));
        EXPECT_TRUE(read_message(client, true).complete);
      }
    });
  }
  for (auto& client : clients) client.join();
  proxy.stop();  // every exchange has ended, so that every row is settled
  proxy.restart();
  const auto total = proxy.admin("GET", "/api/savings").at("total");
  EXPECT_EQ(total.at("requests").to_number<int>(), kClients * kRequests);
  EXPECT_EQ(total.at("estimated").to_number<int>(), 0);
  EXPECT_EQ(tokens(total, "cache_read"), 200u * 11 + 200u * 2000);
  EXPECT_EQ(tokens(total, "output"), 200u * 13 + 200u * 50);
}

TEST(Ledger, GetsTheRowOfARequestThatADrainLetFinish) {
  Signal<> arrived;
  Signal<> go_on;
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    wire.send(event_stream_head() + chunk(kMessageStart));
    arrived.set();
    go_on.wait();
    wire.send(chunk(kMessageDelta) + std::string(kLastChunk));
  });
  ProxyUnderTest proxy(upstream.url());
  auto client = proxy.connect();
  client.send(post("/v1/messages", R"({"model":"claude-sonnet-5-5","stream":true})"));
  arrived.wait();
  std::thread stopping([&] { proxy.stop(); });
  go_on.set();
  EXPECT_TRUE(read_message(client, true).complete);
  stopping.join();
  proxy.restart();
  EXPECT_EQ(text(proxy.latest_row(), "outcome"), "complete");
}

TEST(Ledger, IsReadInPagesThatHoldEachRowOnce) {
  FakeUpstream upstream(answering(R"({"model":"gpt-5.5","usage":{}})"));
  ProxyUnderTest proxy(upstream.url());
  std::vector<std::string> expected;
  for (int i = 0; i < 3; ++i) {
    const auto answer =
        ask(proxy, post("/v1/chat/completions", R"({"model":"gpt-5.5","messages":[]})"));
    expected.push_back(text(proxy.row(answer), "id"));
  }
  std::vector<std::string> got;
  std::string first;
  for (json::value page; got.size() < 9; first = "&first=" + text(page, "next")) {
    page = proxy.admin("GET", "/api/ledger?from=2026-01-01&limit=2" + first);
    for (const auto& row : page.at("requests").as_array()) got.push_back(text(row, "id"));
    if (page.at("next").is_null()) break;
  }
  std::ranges::sort(expected);  // of one millisecond, any may be first
  EXPECT_EQ(got, expected);
}

}  // namespace
}  // namespace foreword::test
