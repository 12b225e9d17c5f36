// [alias] through a whole proxy: the model's name is swapped, and nothing else.
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

constexpr const char* kAnswer =
    R"({"model":"claude-sonnet-5-5-20260928","usage":{"input_tokens":10,"output_tokens":50}})";

std::string text(const boost::json::value& row, std::string_view key) {
  return row.at(key).is_null() ? "" : boost::json::value_to<std::string>(row.at(key));
}

class Alias : public testing::Test {
 protected:
  Alias()
      : upstream_([](const Message&, Wire& wire) { wire.send(ok_response(kAnswer)); }),
        proxy_(upstream_.url(), [](proxy::ServerOptions& options) {
          options.settings.aliases = {{"fast", "gemini-3.8-flash"},
                                      {"support-model", "claude-sonnet-5-5"}};
        }) {}
  std::string sent() const { return upstream_.last_request().body; }

  FakeUpstream upstream_;
  ProxyUnderTest proxy_;
};

const std::string kBody = R"({ "model": "support-model","messages":[], "x":1.0 })";
const std::string kResolved = R"({ "model": "claude-sonnet-5-5","messages":[], "x":1.0 })";

TEST_F(Alias, IsReplacedInTheBodyAndTheRowSaysBothNames) {
  const auto answer = ask(proxy_, post("/v1/messages", kBody));
  EXPECT_EQ(sent(), kResolved);
  EXPECT_EQ(answer.body, kAnswer);
  const auto row = proxy_.row(answer);
  EXPECT_EQ(text(row, "alias"), "support-model");
  EXPECT_EQ(text(row, "model"), "claude-sonnet-5-5-20260928");
  // 10 x 2 + 50 x 10 USD per million: the price of the model that answered.
  EXPECT_EQ(text(row, "cost_usd"), "0.00052");
  EXPECT_EQ(row.at("inserted_bytes").to_number<int>(), 0);
}

TEST_F(Alias, IsResolvedInModeObserveTooAndLeftInModeOff) {
  ask(proxy_, post("/v1/messages", kBody, "X-Foreword-Mode: observe\r\n"));
  EXPECT_EQ(sent(), kResolved);
  ask(proxy_, post("/v1/messages", kBody, "X-Foreword-Mode: off\r\n"));
  EXPECT_EQ(sent(), kBody);
}

TEST_F(Alias, IsResolvedWhereThePromptIsOnlyCounted) {
  ask(proxy_, post("/v1/messages/count_tokens", kBody));
  EXPECT_EQ(sent(), kResolved);
}

TEST_F(Alias, IsReplacedInAGeminiPath) {
  const auto answer =
      ask(proxy_, post("/v1beta/models/fast:generateContent?alt=json", R"({"contents":[]})"));
  EXPECT_NE(upstream_.last_request().head.find(
                "POST /v1beta/models/gemini-3.8-flash:generateContent?alt=json HTTP/1.1"),
            std::string::npos);
  EXPECT_EQ(text(proxy_.row(answer), "alias"), "fast");
  ask(proxy_, post("/v1beta/models/fast:countTokens", "{}"));
  EXPECT_NE(upstream_.last_request().head.find("/v1beta/models/gemini-3.8-flash:countTokens"),
            std::string::npos);
  ask(proxy_, post("/v1beta/models/fast:generateContent", "{}", "X-Foreword-Mode: off\r\n"));
  EXPECT_NE(upstream_.last_request().head.find("/v1beta/models/fast:generateContent"),
            std::string::npos);
}

TEST_F(Alias, GetsTheKnowledgeBaseOfItsModel) {
  proxy_.load_kb("handbook", {{"a.md", "# A\n\nText.\n"}});
  const auto answer = ask(proxy_, post("/kb/handbook/v1/messages", kBody));
  EXPECT_NE(sent().find(R"("model": "claude-sonnet-5-5")"), std::string::npos) << sent();
  EXPECT_NE(sent().find("a.md"), std::string::npos);
  EXPECT_EQ(text(proxy_.row(answer), "placement"), "inserted");
}

TEST_F(Alias, LeavesOtherPromptsByteForByte) {
  const std::string body = R"({"model":"claude-opus-5","messages":[]})";
  ask(proxy_, post("/v1/messages", body));
  EXPECT_EQ(sent(), body);
  ask(proxy_, post("/v1/messages/count_tokens", body));
  EXPECT_EQ(sent(), body);
}

}  // namespace
}  // namespace foreword::test
