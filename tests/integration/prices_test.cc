// Prices of a running proxy: an import is in force at once and from its day on, survives a restart,
// and gives rows their price that had none, and no others.
#include <atomic>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

namespace json = boost::json;
using std::chrono::days;
using std::chrono::sys_days;

const config::TimePoint kDay = sys_days(std::chrono::year(2026) / 12 / 5);

std::string text(const json::value& object, std::string_view key) {
  return json::value_to<std::string>(object.at(key));
}

/// A proxy whose clock the test moves, in front of an upstream that bills 100 and 10 tokens of
/// whatever model it was asked for.
class ImportedPrices : public testing::Test {
 protected:
  static FakeUpstream::Handler answering() {
    return [](const Message& request, Wire& wire) {
      const auto asked = json::parse(request.body);
      const json::object answer{
          {"model", asked.at("model")},
          {"usage", {{"input_tokens", 100}, {"output_tokens", 10}, {"total_tokens", 110}}}};
      wire.send(ok_response(json::serialize(answer)));
    };
  }

  /// The settled row of one request at `at`.
  json::value request(std::string_view model, config::TimePoint at) {
    now_ = at.time_since_epoch().count();
    const auto body = json::serialize(json::object{{"model", model}, {"input", "hello"}});
    return proxy_.row(ask(proxy_, post("/v1/responses", body)));
  }
  json::value row(const json::value& row) {
    return proxy_.admin("GET", "/api/requests/" + text(row, "id"));
  }

  /// Imports `model` at USD per million tokens. `more` goes beside "models", with a comma in front.
  json::value import(std::string_view model, std::string_view input, std::string_view output,
                     config::TimePoint at, std::string_view more = "") {
    now_ = at.time_since_epoch().count();
    const auto body = std::string(R"({"file":"prices.json","apply":true,"models":[{"name":")") +
                      std::string(model) +
                      R"(","provider":"openai","context_window_tokens":400000,"rates":{"input":")" +
                      std::string(input) + R"(","output":")" + std::string(output) + R"("}}])" +
                      std::string(more) + "}";
    int status = 0;
    auto answer = proxy_.admin("POST", "/api/prices", body, &status);
    EXPECT_EQ(status, 200) << json::serialize(answer);
    return answer;
  }
  json::value reprice() { return proxy_.admin("POST", "/api/prices/reprice", "{}"); }

  std::atomic<std::int64_t> now_{kDay.time_since_epoch().count()};
  FakeUpstream upstream_{answering()};
  ProxyUnderTest proxy_{upstream_.url(), [this](proxy::ServerOptions& options) {
                          options.now = [this] {
                            return config::TimePoint(config::TimePoint::duration(now_.load()));
                          };
                        }};
};

// gpt-5.2: 100 x 1.75 + 10 x 14 = 315 per million, then 100 x 2 + 10 x 15 = 350.
TEST_F(ImportedPrices, AreInForceAtOnceAndChangeNoRowThatHadAPrice) {
  const auto before = request("gpt-5.2", kDay);
  EXPECT_EQ(text(import("gpt-5.2", "2", "15", kDay), "table"), "2026-11-26+1");
  const auto after = request("gpt-5.2", kDay);
  EXPECT_EQ(text(after, "cost_usd"), "0.00035");
  EXPECT_EQ(text(after, "price_version"), "2026-11-26+1");
  EXPECT_EQ(reprice().at("priced").as_int64(), 0);
  EXPECT_EQ(text(row(before), "cost_usd"), "0.000315");
  EXPECT_EQ(text(row(before), "price_version"), "2026-11-26");
}

TEST_F(ImportedPrices, HoldFromTheirDayOn) {
  import("gpt-5.2", "2", "15", kDay, R"(,"from":"2026-12-10")");
  const config::TimePoint from = sys_days(std::chrono::year(2026) / 12 / 10);
  EXPECT_EQ(text(request("gpt-5.2", from - std::chrono::seconds(1)), "cost_usd"), "0.000315");
  EXPECT_EQ(text(request("gpt-5.2", from), "cost_usd"), "0.00035");
}

TEST_F(ImportedPrices, SurviveARestart) {
  import("gpt-5.2", "2", "15", kDay);
  proxy_.restart();
  EXPECT_EQ(text(request("gpt-5.2", kDay), "cost_usd"), "0.00035");
  const auto shown = proxy_.admin("GET", "/api/prices?model=gpt-5.2");
  const auto& periods = shown.at("periods").as_array();
  ASSERT_EQ(periods.size(), 2u);
  EXPECT_EQ(text(periods[1], "source"), "LiteLLM file prices.json, imported 2026-12-05");
  EXPECT_EQ(text(periods[1], "from"), "2026-12-05");
}

// 100 x 3 + 10 x 12 = 420 per million.
TEST_F(ImportedPrices, GiveRowsTheirPriceThatHadNone) {
  const auto unknown = request("gpt-99", kDay - days(3));
  const auto other = request("gpt-98", kDay - days(3));
  EXPECT_FALSE(unknown.at("priced").as_bool());
  import("gpt-99", "3", "12", kDay);
  const auto done = reprice();
  EXPECT_EQ(done.at("priced").as_int64(), 1);
  EXPECT_EQ(done.at("unpriced").as_int64(), 1);
  EXPECT_EQ(text(row(unknown), "cost_usd"), "0.00042");
  EXPECT_EQ(text(row(unknown), "price_version"), "2026-11-26+1");
  EXPECT_FALSE(row(other).at("priced").as_bool());
}

TEST_F(ImportedPrices, GiveRowsBeforeTheirDayNoPrice) {
  const auto before = request("gpt-99", kDay - std::chrono::seconds(1));
  const auto since = request("gpt-99", kDay);
  import("gpt-99", "3", "12", kDay + days(1), R"(,"from":"2026-12-05")");
  EXPECT_EQ(reprice().at("priced").as_int64(), 1);
  EXPECT_FALSE(row(before).at("priced").as_bool());
  EXPECT_TRUE(row(since).at("priced").as_bool());
}

TEST_F(ImportedPrices, ThatAreMissingAreCountedByModel) {
  request("gpt-99", kDay);
  request("gpt-99", kDay);
  request("gpt-5.2", kDay);
  const auto savings = proxy_.admin("GET", "/api/savings");
  EXPECT_EQ(json::serialize(savings.at("unpriced_models")), R"({"gpt-99":2})");
}

TEST_F(ImportedPrices, AreOnlyWeighedUnlessTheyAreToBeTaken) {
  const auto answer = import("gpt-5.2", "2", "15", kDay, R"(,"apply":false)");
  EXPECT_FALSE(answer.at("applied").as_bool());
  EXPECT_EQ(answer.at("changed").as_int64(), 1);
  EXPECT_EQ(text(request("gpt-5.2", kDay), "cost_usd"), "0.000315");
}

TEST_F(ImportedPrices, ThatAreTheSameLeaveNoTrace) {
  const auto answer = import("gpt-5.2", "1.75", "14", kDay);
  EXPECT_FALSE(answer.at("applied").as_bool());
  EXPECT_TRUE(proxy_.admin("GET", "/api/prices").at("imports").as_array().empty());
}

TEST_F(ImportedPrices, ThatMakeNoSenseChangeNothing) {
  for (const auto* body :
       {"", "[]", "{}", R"({"file":"f","models":3})", R"({"file":"f","apply":1,"models":[]})",
        R"({"file":"f","from":"2026-02-30","models":[]})",
        R"({"file":"f","apply":true,"models":[{"name":"m"}]})"}) {
    int status = 0;
    const auto answer = proxy_.admin("POST", "/api/prices", body, &status);
    EXPECT_EQ(status, 400) << body;
    EXPECT_TRUE(answer.as_object().contains("error")) << body;
  }
}

TEST_F(ImportedPrices, AreCheckedWithTheTable) {
  const auto check = proxy_.admin("GET", "/api/prices/check?max_age_days=36500");
  EXPECT_EQ(check.at("errors").as_int64(), 0);
  EXPECT_EQ(check.at("models").as_int64(), 51);
}

TEST_F(ImportedPrices, OfAnUnknownModelAreRefusedWithTheNameThatIsClose) {
  int status = 0;
  const auto answer = proxy_.admin("GET", "/api/prices?model=gtp-5.2", "", &status);
  EXPECT_EQ(status, 404);
  EXPECT_NE(text(answer.at("error"), "message").find("did you mean 'gpt-5.2'?"), std::string::npos);
}

}  // namespace
}  // namespace foreword::test
