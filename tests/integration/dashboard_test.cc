// The dashboard's files and the description of the API, as the admin listener serves them.
#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "proxy/admin_routes.h"
#include "proxy/static_files.h"
#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

namespace json = boost::json;

constexpr const char* kNowhere = "http://127.0.0.1:9";

Message get(const ProxyUnderTest& proxy, std::string_view path, std::string_view headers = "",
            bool body_follows = true) {
  auto wire = Wire::connect(proxy.admin_port());
  wire.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers) +
            "\r\n");
  return read_message(wire, true, body_follows);
}

TEST(Dashboard, ServesItsPageAndEveryFileThatThePageNames) {
  ProxyUnderTest proxy(kNowhere);
  const auto page = get(proxy, "/").body;
  std::vector<std::string> files;
  const std::string kPath = "\"/dashboard/";
  for (auto at = page.find(kPath); at != std::string::npos; at = page.find(kPath, at + 1)) {
    files.push_back(page.substr(at + 1, page.find('"', at + 1) - at - 1));
  }
  EXPECT_GE(files.size(), 6u);
  for (const auto& file : files) EXPECT_EQ(get(proxy, file).status(), 200) << file;
}

TEST(Dashboard, SaysWhatABrowserMayLoad) {
  ProxyUnderTest proxy(kNowhere);
  for (const auto* path : {"/", "/dashboard/main.js", "/api/savings"}) {
    const auto head = get(proxy, path).head;
    EXPECT_NE(head.find("Content-Security-Policy: default-src 'none'; script-src 'self'; "),
              std::string::npos);
    EXPECT_NE(head.find("X-Content-Type-Options: nosniff"), std::string::npos);
    EXPECT_NE(head.find("Referrer-Policy: no-referrer"), std::string::npos);
  }
}

TEST(Dashboard, AFileThatTheBrowserHasIsNotSentAgain) {
  ProxyUnderTest proxy(kNowhere);
  const auto* file = proxy::find_static_file("/dashboard/main.js");
  ASSERT_NE(file, nullptr);
  const auto tag = proxy::entity_tag(*file);
  EXPECT_NE(get(proxy, file->path).head.find("ETag: " + tag), std::string::npos);
  const auto again = get(proxy, file->path, "If-None-Match: " + tag + "\r\n", false);
  EXPECT_EQ(again.status(), 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(get(proxy, file->path, "If-None-Match: \"of before\"\r\n").status(), 200);
}

TEST(Dashboard, ShowsThePageWithoutTheTokenAndNoFigure) {
  ProxyUnderTest proxy(kNowhere,
                       [](proxy::ServerOptions& options) { options.admin_token = "secret"; });
  EXPECT_EQ(get(proxy, "/").status(), 200);
  EXPECT_EQ(get(proxy, "/dashboard/main.js").status(), 200);
  for (const auto* path : {"/api/savings", "/api/openapi.json", "/dashboard/../api/savings"}) {
    EXPECT_EQ(get(proxy, path).status(), 401) << path;
  }
}

TEST(Dashboard, ThePageTakesGetAlone) {
  ProxyUnderTest proxy(kNowhere);
  int status = 0;
  proxy.admin("POST", "/", "", &status);
  EXPECT_EQ(status, 405);
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

/// "GET /api/savings", as the description has it.
std::vector<std::string> described(const json::value& openapi) {
  std::vector<std::string> routes;
  for (const auto& [path, methods] : openapi.at("paths").as_object()) {
    for (const auto& [method, operation] : methods.as_object()) {
      routes.push_back(upper(std::string(method)) + " " + std::string(path));
    }
  }
  std::ranges::sort(routes);
  return routes;
}

std::vector<std::string> known() {
  std::vector<std::string> routes;
  for (const auto& route : proxy::admin_routes()) {
    std::string methods(route.methods);
    while (!methods.empty()) {
      const auto end = std::min(methods.find(' '), methods.size());
      routes.push_back(methods.substr(0, end) + " " + std::string(route.path));
      methods.erase(0, end + 1);
    }
  }
  std::ranges::sort(routes);
  return routes;
}

TEST(OpenApi, DescribesTheRoutesThatThereAre) {
  ProxyUnderTest proxy(kNowhere);
  EXPECT_EQ(described(proxy.admin("GET", "/api/openapi.json")), known());
}

TEST(OpenApi, EveryRouteTakesItsMethods) {
  ProxyUnderTest proxy(kNowhere);
  for (const auto& route : known()) {
    const auto method = route.substr(0, route.find(' '));
    auto path = route.substr(method.size() + 1);
    if (const auto brace = path.find('{'); brace != std::string::npos) {
      path.replace(brace, path.find('}') - brace + 1, "x");
    }
    auto wire = Wire::connect(proxy.admin_port());
    wire.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    const auto answer = read_message(wire, true);
    EXPECT_NE(answer.status(), 405) << route;
    EXPECT_EQ(answer.body.find("no such path"), std::string::npos) << route;
  }
}

TEST(OpenApi, RefersToNothingThatItDoesNotHave) {
  ProxyUnderTest proxy(kNowhere);
  const auto openapi = proxy.admin("GET", "/api/openapi.json");
  const auto text = json::serialize(openapi);
  const std::string kReference = "\"$ref\":\"#";
  int references = 0;
  for (auto at = text.find(kReference); at != std::string::npos;
       at = text.find(kReference, at + 1)) {
    const auto begin = at + kReference.size();
    const auto pointer = text.substr(begin, text.find('"', begin) - begin);
    boost::system::error_code failure;
    EXPECT_NE(openapi.find_pointer(pointer, failure), nullptr) << pointer;
    ++references;
  }
  EXPECT_GT(references, 10);
}

}  // namespace
}  // namespace foreword::test
