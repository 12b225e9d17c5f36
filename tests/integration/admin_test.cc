// The admin listener: who may ask, and what is said to a question that makes no sense.
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

constexpr const char* kNowhere = "http://127.0.0.1:9";

int status(const ProxyUnderTest& proxy, const std::string& head) {
  auto wire = Wire::connect(proxy.admin_port());
  wire.send(head + "\r\n\r\n");
  return read_message(wire, true).status();
}

TEST(Admin, AnswersOnlyUnderALoopbackName) {
  ProxyUnderTest proxy(kNowhere);
  const std::string question = "GET /api/savings HTTP/1.1\r\nHost: ";
  for (const auto* host : {"localhost", "localhost:8788", "127.0.0.1:1", "[::1]:1"}) {
    EXPECT_EQ(status(proxy, question + host), 200) << host;
  }
  EXPECT_EQ(status(proxy, question + "rebound.example"), 403);
  EXPECT_EQ(status(proxy, question + "localhost\r\nOrigin: https://page.example"), 403);
  EXPECT_EQ(status(proxy, question + "localhost\r\nOrigin: http://localhost:8788"), 200);
}

TEST(Admin, AsksForItsTokenWhereThereIsOne) {
  ProxyUnderTest proxy(kNowhere,
                       [](proxy::ServerOptions& options) { options.admin_token = "secret"; });
  const std::string question = "GET /api/kbs HTTP/1.1\r\nHost: any\r\n";
  EXPECT_EQ(status(proxy, question + "X: 1"), 401);
  EXPECT_EQ(status(proxy, question + "Authorization: Bearer wrong!"), 401);
  EXPECT_EQ(status(proxy, question + "Authorization: Bearer secret"), 200);
}

TEST(Admin, RefusesByTheHeadWithoutWaitingForALongBody) {
  ProxyUnderTest proxy(kNowhere,
                       [](proxy::ServerOptions& options) { options.admin_token = "secret"; });
  EXPECT_EQ(status(proxy, "PUT /api/kbs/k HTTP/1.1\r\nHost: any\r\nContent-Length: 1000000000"),
            401);
}

TEST(Admin, ExplainsWhatItCannotAnswer) {
  ProxyUnderTest proxy(kNowhere);
  const std::vector<std::pair<std::string, int>> questions = {
      {"/api/savings?by=colour", 400},  {"/api/savings?from=yesterday", 400},
      {"/api/requests?limit=0", 400},   {"/api/requests/xyz", 400},
      {"/api/ledger?limit=10001", 400}, {"/api/ledger?first=xyz", 400},
      {"/api/ledger?to=tomorrow", 400}, {"/api/requests/00000000000000000000000000000000", 404},
      {"/api/kbs/nope", 404},           {"/nothing", 404}};
  for (const auto& [target, expected] : questions) {
    int got = 0;
    const auto answer = proxy.admin("GET", target, "", &got);
    EXPECT_EQ(got, expected) << target;
    EXPECT_TRUE(answer.at("error").at("message").is_string());
  }
}

TEST(Admin, TakesQuestionsWithParameters) {
  ProxyUnderTest proxy(kNowhere);
  for (const auto* target : {"/api/savings?by=model&from=2026-01-01&to=2027-01-01T00%3A00%3A00Z",
                             "/api/requests?limit=5"}) {
    int got = 0;
    proxy.admin("GET", target, "", &got);
    EXPECT_EQ(got, 200) << target;
  }
}

TEST(Admin, RefusesKnowledgeBasesThatAreNone) {
  ProxyUnderTest proxy(kNowhere);
  const std::vector<std::pair<std::string, std::string>> attempts = {
      {"/api/kbs/none", R"({"documents":[{"path":"a","text":"b"}]})"},
      {"/api/kbs/x", "not json"},
      {"/api/kbs/x", R"({"documents":[]})"},
      {"/api/kbs/x", R"({"documents":[{"path":"a"}]})"},
      {"/api/kbs/x", R"({"documents":[{"path":"../a","text":"b"}]})"},
      {"/api/kbs/x", R"({"documents":[{"path":"a","text":"b"},{"path":"a","text":"c"}]})"},
  };
  for (const auto& [target, body] : attempts) {
    int got = 0;
    proxy.admin("PUT", target, body, &got);
    EXPECT_EQ(got, 400) << body;
  }
  EXPECT_TRUE(proxy.admin("GET", "/api/kbs").at("kbs").as_array().empty());
}

}  // namespace
}  // namespace foreword::test
