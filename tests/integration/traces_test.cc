// Spans that reach a collector, and collectors that make nobody wait.
#include "proxy/traces.h"

#include <atomic>
#include <string>
#include <thread>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "config/load.h"
#include "support/fake_upstream.h"
#include "support/identity.h"
#include "support/prometheus_text.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

namespace json = boost::json;

constexpr const char* kPrompt =
    R"({"model":"claude-sonnet-5-5","messages":[{"role":"user","content":"a secret question"}]})";
constexpr const char* kAnswer =
    R"({"model":"claude-sonnet-5-5-20260928","content":[{"type":"text","text":"a secret answer"}],)"
    R"("usage":{"input_tokens":10,"cache_read_input_tokens":2000,"output_tokens":50}})";
constexpr const char* kTraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

FakeUpstream::Handler answering(const std::string& bytes) {
  return [bytes](const Message&, Wire& wire) { wire.send(bytes); };
}

class Tracing : public testing::Test {
 protected:
  /// A proxy whose spans go to `collector`.
  void start(const std::string& collector,
             const std::function<void(proxy::ServerOptions&)>& adjust = nullptr) {
    proxy_.emplace(upstream_.url(), [&](proxy::ServerOptions& options) {
      options.settings.otlp.endpoint = *config::parse_base_url(collector);
      if (adjust) adjust(options);
    });
  }
  Message ask_with(const std::string& headers = "") {
    return ask(*proxy_, post("/v1/messages", kPrompt, "x-api-key: sk-secret\r\n" + headers));
  }
  /// What a stop leaves behind in the collector.
  json::array spans(const FakeUpstream& collector) {
    proxy_->stop();
    json::array all;
    for (const auto& request : collector.requests()) {
      const auto body = json::parse(request.body);
      for (const auto& span :
           body.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").as_array()) {
        all.push_back(span);
      }
    }
    return all;
  }
  /// Waits until so many spans have had that result.
  void expect_counted(const std::string& result, double spans) {
    const auto name = "foreword_trace_spans_total{result=\"" + result + "\"}";
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    double counted = -1;
    while (counted != spans && std::chrono::steady_clock::now() < deadline) {
      auto wire = Wire::connect(proxy_->admin_port());
      wire.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
      counted = read_prometheus_text(read_message(wire, true).body).values.at(name);
      std::this_thread::yield();
    }
    EXPECT_EQ(counted, spans) << result;
  }

  FakeUpstream upstream_{answering(ok_response(kAnswer))};
  std::optional<ProxyUnderTest> proxy_;
};

/// The value's text; empty where there is none.
std::string attribute(const json::value& span, std::string_view key) {
  for (const auto& one : span.at("attributes").as_array()) {
    if (one.at("key").as_string() != key) continue;
    const auto& value = one.at("value").as_object().begin()->value();
    return value.is_string() ? json::value_to<std::string>(value) : json::serialize(value);
  }
  return "";
}

TEST_F(Tracing, APromptIsASpanWithItsUsageAndItsCost) {
  FakeUpstream collector(answering(ok_response("{}")));
  start(collector.url() + "/v1/traces");
  const auto answer = ask_with("X-Foreword-Label: support\r\n");
  const auto found = spans(collector);
  ASSERT_EQ(found.size(), 1u);
  const auto& span = found[0];
  EXPECT_EQ(span.at("name").as_string(), "chat claude-sonnet-5-5");
  EXPECT_EQ(span.at("traceId").as_string(), *answer.field("x-foreword-request"));
  EXPECT_FALSE(span.as_object().contains("parentSpanId"));
  EXPECT_EQ(attribute(span, "gen_ai.response.model"), "claude-sonnet-5-5-20260928");
  EXPECT_EQ(attribute(span, "gen_ai.usage.input_tokens"), "2010");
  EXPECT_EQ(attribute(span, "http.response.status_code"), "200");
  EXPECT_EQ(attribute(span, "server.address"), "127.0.0.1");
  EXPECT_EQ(attribute(span, "server.port"), std::to_string(upstream_.port()));
  EXPECT_EQ(attribute(span, "foreword.label"), "support");
  EXPECT_DOUBLE_EQ(std::stod(attribute(span, "foreword.cost.paid_usd")), 0.00072);
}

TEST_F(Tracing, AnExportIsJsonWithTheHeadersOfTheSettingsAndTheServicesName) {
  FakeUpstream collector(answering(ok_response("{}")));
  start(collector.url() + "/otlp/v1/traces", [](proxy::ServerOptions& options) {
    options.otlp_headers = "api-key=a%20b,x-org=7";
    options.settings.otlp.service_name = "foreword-eu";
  });
  ask_with();
  ASSERT_EQ(spans(collector).size(), 1u);
  const auto request = collector.last_request();
  EXPECT_EQ(request.first_line(), "POST /otlp/v1/traces HTTP/1.1");
  EXPECT_EQ(request.field("content-type"), "application/json");
  EXPECT_EQ(request.field("api-key"), "a b");
  EXPECT_EQ(request.field("x-org"), "7");
  const auto body = json::parse(request.body);
  EXPECT_EQ(attribute(body.at("resourceSpans").at(0).at("resource"), "service.name"),
            "foreword-eu");
}

TEST_F(Tracing, ACollectorMayAskForTls) {
  const TempDir folder;
  const auto identity = make_identity(folder.path());
  FakeUpstream collector(server_context(identity), answering(ok_response("{}")));
  start(collector.url(), [&](proxy::ServerOptions& options) {
    options.settings.otlp.ca_file = identity.certificate_file;
  });
  ask_with();
  EXPECT_EQ(spans(collector).size(), 1u);
}

TEST_F(Tracing, NoKeyAndNoTextIsInASpan) {
  FakeUpstream collector(answering(ok_response("{}")));
  start(collector.url());
  ask_with();
  ASSERT_EQ(spans(collector).size(), 1u);
  EXPECT_EQ(collector.last_request().first_line(), "POST /v1/traces HTTP/1.1");
  EXPECT_EQ(collector.last_request().body.find("secret"), std::string::npos);
}

TEST_F(Tracing, TheClientsTraceIsJoinedAndPassedOnUntouched) {
  FakeUpstream collector(answering(ok_response("{}")));
  start(collector.url());
  ask_with("traceparent: " + std::string(kTraceParent) + "\r\ntracestate: a=1\r\n");
  EXPECT_EQ(upstream_.last_request().field("traceparent"), kTraceParent);
  EXPECT_EQ(upstream_.last_request().field("tracestate"), "a=1");
  const auto found = spans(collector);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].at("traceId").as_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(found[0].at("parentSpanId").as_string(), "00f067aa0ba902b7");
  EXPECT_EQ(found[0].at("traceState").as_string(), "a=1");
}

TEST_F(Tracing, WhatIsNotSampledIsNotSent) {
  FakeUpstream collector(answering(ok_response("{}")));
  start(collector.url(), [](auto& options) { options.settings.otlp.sample_millionths = 0; });
  ask_with();
  ask_with("traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00\r\n");
  EXPECT_EQ(spans(collector).size(), 0u);
}

TEST_F(Tracing, AStreamIsOneSpanAtItsEnd) {
  FakeUpstream streaming([](const Message&, Wire& wire) {
    wire.send(event_stream_head());
    wire.send(
        chunk("event: message_start\ndata: {\"type\":\"message_start\",\"message\":"
              "{\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n"));
    wire.send(
        chunk("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":"
              "{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n"));
    wire.send(kLastChunk);
  });
  FakeUpstream collector(answering(ok_response("{}")));
  start(collector.url(), [&](proxy::ServerOptions& options) {
    options.settings.upstreams.front().base_url = *config::parse_base_url(streaming.url());
  });
  ask(*proxy_,
      post("/v1/messages", R"({"model":"claude-sonnet-5-5","stream":true,"messages":[]})"));
  const auto found = spans(collector);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(attribute(found[0], "gen_ai.usage.output_tokens"), "2");
}

TEST_F(Tracing, ACollectorThatHasNoRoomIsAskedAgain) {
  std::atomic<int> asked{0};
  FakeUpstream collector([&](const Message&, Wire& wire) {
    wire.send(++asked == 1 ? "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n" : ok_response("{}"));
  });
  start(collector.url());
  ask_with();
  expect_counted("exported", 1);
  EXPECT_EQ(asked, 2);
}

TEST_F(Tracing, WhatACollectorRefusesIsCountedAndNotSentAgain) {
  std::atomic<int> asked{0};
  FakeUpstream collector([&](const Message&, Wire& wire) {
    ++asked;
    wire.send("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n");
  });
  start(collector.url());
  EXPECT_EQ(ask_with().status(), 200);
  expect_counted("refused", 1);
  EXPECT_EQ(asked, 1);
}

TEST_F(Tracing, WhatACollectorTakesInPartIsCountedSo) {
  FakeUpstream collector(
      answering(ok_response(R"({"partialSuccess":{"rejectedSpans":"1","errorMessage":"no"}})")));
  start(collector.url());
  ask_with();
  expect_counted("refused", 1);
  expect_counted("exported", 0);
}

TEST_F(Tracing, ACollectorThatIsNotThereCostsItsSpansAndNothingElse) {
  std::string gone;
  {
    const FakeUpstream collector(answering(""));
    gone = collector.url();
  }
  start(gone);
  EXPECT_EQ(ask_with().status(), 200);
  expect_counted("undelivered", 1);
}

TEST_F(Tracing, ACollectorThatHangsKeepsNobodyWaiting) {
  FakeUpstream collector([](const Message&, Wire& wire) { (void)wire.closed_by_peer(); });
  start(collector.url(),
        [](auto& options) { options.settings.otlp.timeout = std::chrono::milliseconds(100); });
  EXPECT_EQ(ask_with().status(), 200);
  expect_counted("undelivered", 1);
  EXPECT_EQ(ask_with().status(), 200);
}

TEST_F(Tracing, WhatWaitsIsBoundedAndTheRestIsCounted) {
  constexpr std::size_t kMost = config::limits::kMaxQueuedSpans;
  config::OtlpSettings settings;
  settings.endpoint = *config::parse_base_url("http://127.0.0.1:9");
  const auto traces = proxy::Traces::make(settings, "").value();
  for (std::size_t i = 0; i < 2 * kMost; ++i) traces->add({});
  EXPECT_LE(traces->counts().dropped, kMost);
  // A batch or two may have been taken out meanwhile.
  EXPECT_GE(traces->counts().dropped, kMost - 2 * config::limits::kOtlpBatchSpans);
}

TEST_F(Tracing, IsOffUnlessACollectorIsNamed) {
  ProxyUnderTest proxy(upstream_.url());
  auto wire = Wire::connect(proxy.admin_port());
  wire.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(read_message(wire, true).body.find("foreword_trace_spans"), std::string::npos);
}

}  // namespace
}  // namespace foreword::test
