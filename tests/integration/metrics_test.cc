// GET /metrics, read by a reader that forgives nothing.
#include <string>

#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/prometheus_text.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

std::string head_of(const ProxyUnderTest& proxy, std::string& body) {
  auto wire = Wire::connect(proxy.admin_port());
  wire.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto answer = read_message(wire, true);
  body = answer.body;
  return answer.head;
}

PrometheusPage metrics(const ProxyUnderTest& proxy) {
  std::string body;
  head_of(proxy, body);
  auto page = read_prometheus_text(body);
  EXPECT_EQ(page.problems, "") << body;
  return page;
}

FakeUpstream::Handler answering(std::string body) {
  return [body = std::move(body)](const Message&, Wire& wire) { wire.send(ok_response(body)); };
}

constexpr const char* kAnswer =
    R"({"model":"claude-sonnet-5-5","usage":{"input_tokens":10,"cache_read_input_tokens":2000,)"
    R"("cache_creation_input_tokens":0,"output_tokens":50}})";

TEST(Metrics, AreInTheTextFormatBeforeAndAfterTheFirstRequest) {
  FakeUpstream upstream(answering(kAnswer));
  ProxyUnderTest proxy(upstream.url());
  const auto before = metrics(proxy);
  EXPECT_EQ(before.values.at("foreword_received_requests_total"), 0);
  EXPECT_EQ(before.types.count("foreword_tokens_total"), 0u);
  std::string body;
  EXPECT_NE(head_of(proxy, body).find("Content-Type: text/plain; version=0.0.4; charset=utf-8"),
            std::string::npos);
  ask(proxy, post("/v1/messages", R"({"model":"claude-sonnet-5-5","messages":[]})"));
  proxy.latest_row();
  EXPECT_EQ(metrics(proxy).values.at("foreword_received_requests_total"), 1);
}

TEST(Metrics, CountTokensAndDollarsOfWhatTheProviderReported) {
  FakeUpstream upstream(answering(kAnswer));
  ProxyUnderTest proxy(upstream.url());
  for (int i = 0; i < 2; ++i) {
    proxy.row(ask(proxy, post("/v1/messages", R"({"model":"claude-sonnet-5-5","messages":[]})",
                              "X-Foreword-Label: a\"secret\r\n")));
  }
  const auto page = metrics(proxy);
  const auto labels = [](const std::string& more) {
    return "{" + more +
           R"(kb="",model="claude-sonnet-5-5",operation="messages",provider="anthropic",)";
  };
  const std::string end = R"(status="2xx",upstream="anthropic"})";
  EXPECT_EQ(page.values.at("foreword_requests_total" + labels("") + end), 2);
  EXPECT_EQ(page.values.at("foreword_tokens_total" + labels(R"(class="cache_read",)") + end), 4000);
  // 10 x 2 + 2000 x 0.1 + 50 x 10 = 720 USD per million, twice.
  const std::string paid = R"(scenario="paid",)";
  EXPECT_DOUBLE_EQ(page.values.at("foreword_cost_usd_total" + labels("") + paid + end), 0.00144);
  const std::string otel = R"({gen_ai_operation_name="chat",gen_ai_provider_name="anthropic",)"
                           R"(gen_ai_response_model="claude-sonnet-5-5",)";
  EXPECT_EQ(page.values.at("gen_ai_client_token_usage_sum" + otel +
                           R"(gen_ai_token_type="input",status="2xx"})"),
            4020);
  EXPECT_EQ(
      page.values.at("gen_ai_client_operation_duration_seconds_count" + otel + R"(status="2xx"})"),
      2);
  for (const auto& [series, value] : page.values) {
    EXPECT_EQ(series.find("secret"), std::string::npos) << series;
  }
}

TEST(Metrics, EscapeWhatALabelMayHold) {
  FakeUpstream upstream(answering(kAnswer));
  const std::string name = "odd\"name\\";
  ProxyUnderTest proxy(upstream.url(), [&](proxy::ServerOptions& options) {
    for (auto& settings : options.settings.upstreams) {
      if (settings.provider == config::Provider::anthropic) settings.name = name;
    }
  });
  proxy.row(ask(proxy, post("/v1/messages", R"({"model":"claude-sonnet-5-5","messages":[]})")));
  bool found = false;
  for (const auto& [series, value] : metrics(proxy).values) {
    found |= series.find("upstream=\"" + name + "\"") != std::string::npos;
  }
  EXPECT_TRUE(found);
}

TEST(Metrics, NeedTheTokenWhereThereIsOne) {
  ProxyUnderTest proxy("http://127.0.0.1:9",
                       [](proxy::ServerOptions& options) { options.admin_token = "secret"; });
  std::string body;
  EXPECT_NE(head_of(proxy, body).find(" 401 "), std::string::npos);
}

}  // namespace
}  // namespace foreword::test
