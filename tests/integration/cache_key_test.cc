// prompt_cache_key as an upstream sees it.
#include <map>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "config/limits.h"
#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

class CacheKey : public testing::Test {
 protected:
  static std::string prompt(const std::string& question) {
    return R"({"model":"gpt-4.1","messages":[{"role":"system","content":")" +
           std::string(8000, 's') + R"("},{"role":"user","content":")" + question + R"("}]})";
  }
  /// What the upstream was sent; empty: none.
  std::string key(const std::string& body, const std::string& front = "",
                  const std::string& headers = "") {
    ask(proxy_, post(front + "/v1/chat/completions", body, headers));
    const auto sent = boost::json::parse(upstream_.last_request().body).as_object();
    const auto* found = sent.if_contains("prompt_cache_key");
    return found != nullptr ? boost::json::value_to<std::string>(*found) : std::string();
  }

  FakeUpstream upstream_{[](const Message&, Wire& wire) { wire.send(ok_response("{}")); }};
  ProxyUnderTest proxy_{upstream_.url()};
};

TEST_F(CacheKey, NamesTheFrontThatPromptsShare) {
  const auto first = key(prompt("one"));
  EXPECT_TRUE(first.starts_with("foreword-")) << first;
  EXPECT_EQ(key(prompt("two")), first);
}

TEST_F(CacheKey, StaysOutWhereForewordOnlyObserves) {
  EXPECT_EQ(key(prompt("one"), "", "X-Foreword-Mode: observe\r\n"), "");
}

TEST_F(CacheKey, OfABusyKnowledgeBaseIsSharded) {
  proxy_.load_kb("docs", {{"a.md", "text"}});
  std::map<std::string, std::size_t> sent;
  for (int i = 0; i < 40; ++i) ++sent[key(prompt(std::to_string(i)), "/kb/docs")];
  EXPECT_EQ(sent.size(), 3u);
  const auto base = sent.begin()->first;
  EXPECT_TRUE(sent.contains(base + "-1") && sent.contains(base + "-2"));
  for (const auto& [name, requests] : sent) {
    EXPECT_LE(requests, config::limits::kRequestsPerCacheKey) << name;
  }
}

}  // namespace
}  // namespace foreword::test
