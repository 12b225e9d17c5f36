// A publish that warms the provider's cache first. The simulator is the judge of what was written.
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "simulator/server.h"
#include "support/fake_upstream.h"
#include "support/numbered_words.h"
#include "support/proxy_under_test.h"
#include "support/signal.h"

namespace foreword::test {
namespace {

namespace json = boost::json;

std::string documents(const std::string& body, const std::string& models) {
  return json::serialize(json::object{{"documents", {{{"path", "a.md"}, {"text", body}}}},
                                      {"prewarm", json::parse(models)}});
}

void give_keys(proxy::ServerOptions& options) {
  for (const auto* name : {"anthropic", "openai", "gemini"}) options.upstream_keys[name] = "sk-own";
}

class Prewarm : public testing::Test {
 protected:
  Prewarm() {
    EXPECT_TRUE(simulator_.start());
    proxy_ = std::make_unique<ProxyUnderTest>(
        "http://127.0.0.1:" + std::to_string(simulator_.port()), give_keys);
  }
  json::value publish(const std::string& models, std::size_t words = 4000) {
    int status = 0;
    auto answer = proxy_->admin("PUT", "/api/kbs/k",
                                documents(numbered_words(words, "word"), models), &status);
    EXPECT_EQ(status, 200) << json::serialize(answer);
    return answer;
  }
  static std::uint64_t number(const json::value& object, std::string_view key) {
    return object.at(key).to_number<std::uint64_t>();
  }

  simulator::Server simulator_{simulator::Options{}};
  std::unique_ptr<ProxyUnderTest> proxy_;
};

TEST_F(Prewarm, WritesOnceAndTheFirstClientReadsAllOfIt) {
  const auto answer = publish(R"(["claude-sonnet-5-5"])");
  const auto& report = answer.at("prewarmed").at(0);
  EXPECT_TRUE(report.at("reason").is_null()) << json::serialize(report);
  EXPECT_EQ(number(report, "status"), 200u);
  const auto written = number(report, "tokens_written");
  EXPECT_GT(written, 4000u);
  const auto response =
      ask(*proxy_, post("/kb/k/v1/messages",
                        R"({"model":"claude-sonnet-5-5","max_tokens":5,)"
                        R"("messages":[{"role":"user","content":"?"}]})",
                        "x-api-key: sk-own\r\nanthropic-version: 2023-06-01\r\n"));
  ASSERT_EQ(response.status(), 200) << response.body;
  const auto usage = json::parse(response.body).at("usage");
  EXPECT_EQ(number(usage, "cache_read_input_tokens"), written);
  EXPECT_EQ(number(usage, "cache_creation_input_tokens"), 0u);
}

TEST_F(Prewarm, IsChargedInTheLedgerAgainstTheSavings) {
  publish(R"(["claude-sonnet-5-5"])");
  const auto row = proxy_->latest_row();
  EXPECT_EQ(row.at("label").as_string(), "foreword/pre-warm");
  EXPECT_EQ(row.at("kb").as_string(), "k");
  EXPECT_EQ(row.at("usage_source").as_string(), "reported");
  EXPECT_GT(number(row.at("tokens"), "cache_write_5m"), 4000u);
  EXPECT_EQ(number(row.at("tokens"), "output"), 0u);
  EXPECT_TRUE(json::value_to<std::string>(row.at("saved_usd")).starts_with("-"));
}

TEST_F(Prewarm, UsesResponsesOwnFieldAtOpenAi) {
  const auto answer = publish(R"(["gpt-5.6-sol"])");
  const auto& report = answer.at("prewarmed").at(0);
  EXPECT_TRUE(report.at("reason").is_null()) << json::serialize(report);
  const auto written = number(report, "tokens_written");
  EXPECT_GT(written, 4000u);
  const auto response =
      ask(*proxy_, post("/kb/k/v1/responses", R"({"model":"gpt-5.6-sol","input":"?"})",
                        "authorization: Bearer sk-own\r\n"));
  ASSERT_EQ(response.status(), 200) << response.body;
  const auto details = json::parse(response.body).at("usage").at("input_tokens_details");
  EXPECT_GE(number(details, "cached_tokens"), written);
}

TEST_F(Prewarm, SkipsWhatCannotBeWrittenWithoutAnAnswerAndSaysSo) {
  const auto answer = publish(R"(["gemini-3.8-flash","gpt-4.1","no-such-model"])");
  for (const auto& report : answer.at("prewarmed").as_array()) {
    EXPECT_TRUE(report.at("reason").is_string()) << json::serialize(report);
    EXPECT_EQ(number(report, "status"), 0u);
  }
  EXPECT_TRUE(proxy_->latest_row().is_null());
}

TEST_F(Prewarm, SaysThatALittleKnowledgeBaseIsNotCached) {
  const auto answer = publish(R"(["claude-sonnet-5-5"])", 5);
  EXPECT_TRUE(answer.at("prewarmed").at(0).at("reason").is_string());
}

TEST_F(Prewarm, OfNoModelIsNoRequest) {
  EXPECT_TRUE(publish("[]").at("prewarmed").as_array().empty());
  EXPECT_TRUE(proxy_->latest_row().is_null());
}

TEST(PrewarmWithoutAKey, PublishesAtOnceAndNamesTheSetting) {
  ProxyUnderTest proxy("http://127.0.0.1:9");
  const auto answer =
      proxy.admin("PUT", "/api/kbs/k", documents("text", R"(["claude-sonnet-5-5"])"));
  EXPECT_EQ(answer.at("prewarmed").at(0).at("reason").as_string(),
            "no key: set upstream.anthropic.api_key_env");
  EXPECT_EQ(proxy.admin("GET", "/api/kbs").at("kbs").as_array().size(), 1u);
}

TEST(PrewarmThatFails, PublishesAllTheSameAndSaysWhy) {
  FakeUpstream upstream([](const Message&, Wire& wire) {
    wire.send("HTTP/1.1 429 Too Many\r\nContent-Length: 2\r\n\r\n{}");
  });
  ProxyUnderTest proxy(upstream.url(), give_keys);
  const auto answer =
      proxy.admin("PUT", "/api/kbs/k", documents("text", R"(["claude-sonnet-5-5"])"));
  const auto& report = answer.at("prewarmed").at(0);
  EXPECT_EQ(report.at("status").to_number<int>(), 429);
  EXPECT_EQ(report.at("reason").as_string(), "upstream anthropic answered 429");
  EXPECT_EQ(proxy.admin("GET", "/api/kbs").at("kbs").as_array().size(), 1u);
  EXPECT_EQ(proxy.latest_row().at("status").to_number<int>(), 429);
}

TEST(PrewarmUnderWay, LeavesTheOldVersionAndTheOtherQuestionsToOthers) {
  Signal asked;
  Signal go_on;
  FakeUpstream upstream([&](const Message& request, Wire& wire) {
    if (request.body.find("\"max_tokens\":0") != std::string::npos) {
      asked.set();
      go_on.wait();
    }
    wire.send(ok_response("{}"));
  });
  ProxyUnderTest proxy(upstream.url(), give_keys);
  proxy.load_kb("k", {{"a.md", "old"}});
  const auto before = proxy.admin("GET", "/api/kbs/k").at("version");
  auto admin = Wire::connect(proxy.admin_port());
  const auto body = documents("new", R"(["claude-sonnet-5-5"])");
  admin.send("PUT /api/kbs/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
             std::to_string(body.size()) + "\r\n\r\n" + body);
  ASSERT_TRUE(asked.wait());
  EXPECT_EQ(proxy.admin("GET", "/api/kbs/k").at("version"), before);
  go_on.set();
  EXPECT_EQ(read_message(admin, true).status(), 200);
  EXPECT_NE(proxy.admin("GET", "/api/kbs/k").at("version"), before);
}

TEST(PrewarmUnderWay, DoesNotHoldUpAStop) {
  Signal asked;
  Signal over;
  FakeUpstream upstream([&](const Message&, Wire&) {
    asked.set();
    over.wait();
  });
  ProxyUnderTest proxy(upstream.url(), give_keys);
  auto admin = Wire::connect(proxy.admin_port());
  const auto body = documents("new", R"(["claude-sonnet-5-5"])");
  admin.send("PUT /api/kbs/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
             std::to_string(body.size()) + "\r\n\r\n" + body);
  ASSERT_TRUE(asked.wait());
  const auto began = std::chrono::steady_clock::now();
  proxy.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
  over.set();
}

}  // namespace
}  // namespace foreword::test
