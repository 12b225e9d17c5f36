// What is said of a knowledge base's costs before they are paid, and what is not loaded at all.
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

namespace json = boost::json;

using Documents = std::vector<std::pair<std::string, std::string>>;

std::string page(char c, std::size_t bytes) {
  return "# Page\n" + std::string(bytes, c) + "\n";
}

std::string body_of(const Documents& documents) {
  json::array list;
  for (const auto& [path, text] : documents) list.push_back({{"path", path}, {"text", text}});
  return json::serialize(json::object{{"documents", std::move(list)}});
}

std::uint64_t number(const json::value& object, const char* key) {
  return object.at(key).to_number<std::uint64_t>();
}

class KbCosts : public testing::Test {
 protected:
  /// Starts again with these models named for the knowledge base "book".
  void name_models(std::vector<std::string> models) {
    proxy_.restart([&](proxy::ServerOptions& options) {
      config::KbSettings kb;
      kb.name = "book";
      kb.models = std::move(models);
      options.settings.kbs = {kb};
    });
  }

  json::value diff(const Documents& documents) {
    int status = 0;
    auto answer = proxy_.admin("POST", "/api/kbs/book/diff", body_of(documents), &status);
    EXPECT_EQ(status, 200) << json::serialize(answer);
    return answer;
  }
  json::value load(const Documents& documents, int expected = 200, const char* query = "") {
    int status = 0;
    auto answer =
        proxy_.admin("PUT", std::string("/api/kbs/book") + query, body_of(documents), &status);
    EXPECT_EQ(status, expected) << json::serialize(answer);
    return answer;
  }
  static json::value of_model(const json::value& kb, std::string_view name) {
    for (const auto& model : kb.at("models").as_array()) {
      if (std::string_view(model.at("model").as_string()) == name) return model;
    }
    ADD_FAILURE() << name << " is not shown";
    return {};
  }
  bool is_loaded() {
    int status = 0;
    proxy_.admin("GET", "/api/kbs/book", "", &status);
    return status == 200;
  }

  FakeUpstream upstream_{[](const Message&, Wire& wire) {
    wire.send(ok_response(R"({"model":"claude-sonnet-5-5","usage":{"input_tokens":10000,)"
                          R"("output_tokens":1}})"));
  }};
  ProxyUnderTest proxy_{upstream_.url()};
  const Documents pages_ = {
      {"a.md", page('a', 20'000)}, {"b.md", page('b', 20'000)}, {"c.md", page('c', 20'000)}};
};

// --- diff ---------------------------------------------------------------------------------------

TEST_F(KbCosts, ADiffStoresNothing) {
  diff(pages_);
  EXPECT_FALSE(is_loaded());
}

TEST_F(KbCosts, ADiffSaysWhatTheLoadThenSays) {
  auto foretold = diff(pages_).as_object();
  auto done = load(pages_).as_object();
  foretold.erase("refused");
  done.erase("prewarmed");
  for (auto* answer : {&foretold, &done}) answer->erase("published");
  EXPECT_EQ(foretold, done);
}

TEST_F(KbCosts, ADiffOfAnUpdateSaysWhatItWritesAgainAndWhatPathOrderWould) {
  load(pages_);
  auto pages = pages_;
  pages[0].second = page('a', 20'000) + "# New\nsection\n";
  pages.push_back({"d.md", page('d', 100)});
  const auto answer = diff(pages);
  EXPECT_EQ(number(answer.at("changes").at("changed"), "count"), 1u);
  EXPECT_EQ(answer.at("changes").at("added").at("paths").at(0), "d.md");
  EXPECT_EQ(number(answer, "kept_layers"), 1u);
  const auto model = of_model(answer, "claude-sonnet-5-5");
  EXPECT_LT(number(model, "rewritten_tokens"), 1'000u);
  EXPECT_GT(number(model, "path_order_tokens"), 14'000u);  // of 60,000 bytes, b.md and c.md
}

TEST_F(KbCosts, ADiffOfTheSameDocumentsChangesNothing) {
  load(pages_);
  const auto answer = diff(pages_);
  EXPECT_FALSE(answer.at("changed").as_bool());
  EXPECT_EQ(number(of_model(answer, "claude-sonnet-5-5"), "rewritten_tokens"), 0u);
}

TEST_F(KbCosts, ADiffTakesOnlyAPost) {
  int status = 0;
  proxy_.admin("GET", "/api/kbs/book/diff", "", &status);
  EXPECT_EQ(status, 405);
}

// --- tokens -------------------------------------------------------------------------------------

TEST_F(KbCosts, TokensAreTheTablesGuessUntilARequestHasTold) {
  load(pages_);
  const auto guess = of_model(proxy_.admin("GET", "/api/kbs/book"), "claude-sonnet-5-5");
  EXPECT_EQ(guess.at("estimated_from"), "table");
  EXPECT_EQ(guess.at("tokens_error").to_number<double>(), 0.15);

  const std::string question = R"({"model":"claude-sonnet-5-5","messages":[]})";
  const auto answer = ask(proxy_, post("/kb/book/v1/messages", question));
  proxy_.row(answer);
  const auto told = of_model(proxy_.admin("GET", "/api/kbs/book"), "claude-sonnet-5-5");
  EXPECT_EQ(told.at("estimated_from"), "own_requests");
  EXPECT_EQ(number(told, "estimated_from_requests"), 1u);
  EXPECT_NEAR(static_cast<double>(number(told, "tokens_estimate")), 10'000, 50);
  EXPECT_LT(told.at("tokens_error").to_number<double>(), 0.01);

  const auto other = of_model(proxy_.admin("GET", "/api/kbs/book"), "gpt-6.2-sol");
  EXPECT_EQ(other.at("estimated_from"), "table");
}

// --- which models -------------------------------------------------------------------------------

TEST_F(KbCosts, ShowsTheModelsThatAreNamedForIt) {
  name_models({"claude-haiku-4-5", "claude-of-tomorrow"});
  const auto answer = load(pages_);
  ASSERT_EQ(answer.at("models").as_array().size(), 1u);
  EXPECT_EQ(answer.at("models").at(0).at("model"), "claude-haiku-4-5");
  EXPECT_EQ(answer.at("unknown_models"), json::array{"claude-of-tomorrow"});
}

// --- refusal ------------------------------------------------------------------------------------

// The largest window is 1,050,000 tokens, at 4.4 bytes 4.6 MB; 15 % more is not surely too much.
TEST_F(KbCosts, WhatFitsNoModelIsNotLoaded) {
  load(pages_);
  const auto refused = load({{"big.md", page('x', 6'000'000)}, {"small.md", page('y', 10)}}, 400);
  const std::string message(refused.at("error").at("message").as_string());
  EXPECT_NE(message.find("gpt-5.4 takes 1050000 tokens"), std::string::npos) << message;
  EXPECT_NE(message.find("big.md (6000008 bytes"), std::string::npos) << message;
  EXPECT_EQ(number(proxy_.admin("GET", "/api/kbs/book"), "documents"), 3u);
}

TEST_F(KbCosts, WhatFitsNoModelIsLoadedWhereThatIsAllowed) {
  load({{"big.md", page('x', 6'000'000)}}, 200, "?allow_oversize=true");
  EXPECT_TRUE(is_loaded());
}

TEST_F(KbCosts, WhatMayFitIsLoaded) {
  load({{"big.md", page('x', 5'000'000)}});
  EXPECT_TRUE(is_loaded());
}

// gpt-4o takes 128,000 tokens: 563 kB.
TEST_F(KbCosts, ANamedModelThatIsTooSmallRefuses) {
  const Documents large = {{"big.md", page('x', 800'000)}};
  load(large);
  name_models({"gpt-4o", "claude-sonnet-5-5"});
  const auto refused = diff({{"big.md", page('x', 900'000)}}).at("refused");
  const std::string message(refused.as_string());
  EXPECT_NE(message.find("gpt-4o takes 128000"), std::string::npos) << message;
  EXPECT_EQ(message.find("claude"), std::string::npos) << message;
  load({{"big.md", page('x', 900'000)}}, 400);
}

}  // namespace
}  // namespace foreword::test
