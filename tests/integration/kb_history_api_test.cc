// Going back to a version of before, while requests go on.
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"
#include "support/signal.h"

namespace foreword::test {
namespace {

namespace json = boost::json;

class KbHistory : public testing::Test {
 protected:
  using Documents = std::vector<std::pair<std::string, std::string>>;

  /// What the upstream gets of a request with the knowledge base.
  std::string sent() {
    const auto answer =
        ask(proxy_, post("/kb/book/v1/messages", R"({"model":"claude-sonnet-5-5","messages":[]})"));
    EXPECT_EQ(answer.status(), 200);
    return upstream_.last_request().body;
  }
  void publish(const std::string& section) {
    proxy_.load_kb("book", {{"a.md", page("a")}, {"b.md", page(section)}});
  }
  static std::string page(const std::string& section) {
    return "# Long\n" + std::string(20'000, 'x') + "\n# Short\n" + section + "\n";
  }
  std::string version() {
    return json::value_to<std::string>(proxy_.admin("GET", "/api/kbs/book").at("version"));
  }
  json::value roll_back(const std::string& body, int expected = 200) {
    int status = 0;
    auto answer = proxy_.admin("POST", "/api/kbs/book/rollback", body, &status);
    EXPECT_EQ(status, expected) << json::serialize(answer);
    return answer;
  }

  FakeUpstream upstream_{[](const Message&, Wire& wire) { wire.send(ok_response("{}")); }};
  ProxyUnderTest proxy_{upstream_.url()};
};

TEST_F(KbHistory, ListsTheVersionsFromTheCurrentOne) {
  publish("one");
  const auto first = version();
  publish("two");
  const auto history = proxy_.admin("GET", "/api/kbs/book/history");
  const auto& versions = history.at("versions").as_array();
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_TRUE(versions[0].at("current").as_bool());
  EXPECT_FALSE(versions[1].at("current").as_bool());
  EXPECT_EQ(versions[1].at("version").as_string(), first);
  EXPECT_EQ(versions[0].at("changed").to_number<int>(), 1);
  EXPECT_EQ(versions[1].at("added").to_number<int>(), 2);
}

TEST_F(KbHistory, RollsBackToTheSameBytes) {
  publish("one");
  publish("two");
  const auto second = sent();
  publish("three");
  EXPECT_NE(sent(), second);
  EXPECT_TRUE(roll_back("").at("changed").as_bool());
  EXPECT_EQ(sent(), second);
  proxy_.restart();
  EXPECT_EQ(sent(), second);
}

TEST_F(KbHistory, RollsBackToTheBeginningOfAnId) {
  publish("one");
  const auto first = version();
  const auto bytes = sent();
  publish("two");
  publish("three");
  roll_back(R"({"version":")" + first.substr(0, 8) + "\"}");
  EXPECT_EQ(version(), first);
  EXPECT_EQ(sent(), bytes);
}

TEST_F(KbHistory, RolledBackTwiceIsWhereItWas) {
  publish("one");
  publish("two");
  const auto second = version();
  roll_back("");
  roll_back("");
  EXPECT_EQ(version(), second);
}

TEST_F(KbHistory, LaysLaterUpdatesOutBehindTheVersionThatCameBack) {
  publish("one");
  publish("two");
  roll_back("");
  const auto front = sent().substr(0, 40'000);
  publish("three");
  EXPECT_EQ(sent().substr(0, 40'000), front);
  const auto answer = proxy_.admin("GET", "/api/kbs/book");
  EXPECT_EQ(answer.at("layers").as_array().size(), 2u);
}

TEST_F(KbHistory, SaysWhyThereIsNothingToGoBackTo) {
  publish("one");
  const auto only = roll_back("", 400);
  EXPECT_NE(json::serialize(only).find("no version before"), std::string::npos);
  const auto unknown = roll_back(R"({"version":"zz"})", 400);
  EXPECT_NE(json::serialize(unknown).find("kb history book"), std::string::npos);
  int status = 0;
  proxy_.admin("POST", "/api/kbs/nobody/rollback", "", &status);
  EXPECT_EQ(status, 404);
}

TEST_F(KbHistory, SaysThatTheCurrentVersionIsCurrentAlready) {
  publish("one");
  EXPECT_FALSE(roll_back(R"({"version":")" + version() + "\"}").at("changed").as_bool());
  EXPECT_EQ(proxy_.admin("GET", "/api/kbs/book/history").at("versions").as_array().size(), 1u);
}

TEST_F(KbHistory, GivesTheCurrentDocumentsBack) {
  publish("one");
  const auto documents = proxy_.admin("GET", "/api/kbs/book/documents").at("documents").as_array();
  ASSERT_EQ(documents.size(), 2u);
  EXPECT_EQ(documents[1].at("path").as_string(), "b.md");
  EXPECT_EQ(documents[1].at("text").as_string(), page("one"));
}

TEST(KbHistoryBound, IsTheSetting) {
  ProxyUnderTest proxy("http://127.0.0.1:9", [](proxy::ServerOptions& options) {
    options.settings.store.kb_versions_kept = 2;
  });
  for (const auto* text : {"1", "2", "3"}) proxy.load_kb("k", {{"a", text}});
  EXPECT_EQ(proxy.admin("GET", "/api/kbs/k/history").at("versions").as_array().size(), 2u);
}

TEST(KbInFlight, KeepsTheVersionItBeganWithWhileANewOneIsPublished) {
  Signal arrived;
  Signal published;
  FakeUpstream upstream([&](const Message& request, Wire& wire) {
    if (request.body.find("the first one") != std::string::npos) {
      arrived.set();
      published.wait();
    }
    wire.send(ok_response("{}"));
  });
  ProxyUnderTest proxy(upstream.url());
  proxy.load_kb("k", {{"a", "old text"}});
  const std::string model = R"({"model":"claude-sonnet-5-5","messages":[)";
  const auto old = json::value_to<std::string>(proxy.admin("GET", "/api/kbs/k").at("version"));
  auto wire = proxy.connect();
  wire.send(post("/kb/k/v1/messages", model + R"({"role":"user","content":"the first one"}]})"));
  ASSERT_TRUE(arrived.wait());
  // More of them than are kept: its layers are no longer in the store either.
  for (int i = 0; i < 30; ++i) proxy.load_kb("k", {{"a", "new text " + std::to_string(i)}});
  EXPECT_EQ(ask(proxy, post("/kb/k/v1/messages", model + "]}")).status(), 200);
  EXPECT_NE(upstream.last_request().body.find("new text 29"), std::string::npos);
  published.set();
  const auto answer = read_message(wire, true);
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(proxy.row(answer).at("kb_version").as_string(), old);
}

}  // namespace
}  // namespace foreword::test
