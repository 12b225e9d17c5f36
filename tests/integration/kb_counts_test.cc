// Tokens that the providers count, before anything is paid; and the estimates where they do not.
#include <atomic>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "simulator/server.h"
#include "support/fake_upstream.h"
#include "support/numbered_words.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

namespace json = boost::json;

std::string documents(const std::string& body) {
  return json::serialize(json::object{{"documents", {{{"path", "a.md"}, {"text", body}}}},
                                      {"prewarm", json::array()}});
}

std::uint64_t number(const json::value& object, const char* key) {
  return object.at(key).to_number<std::uint64_t>();
}

class KbCounts : public testing::Test {
 protected:
  void start(const std::string& upstream, const std::vector<std::string>& models) {
    proxy_ = std::make_unique<ProxyUnderTest>(upstream, [&](proxy::ServerOptions& options) {
      for (const auto* name : {"anthropic", "openai", "gemini"}) {
        options.upstream_keys[name] = "sk-own";
      }
      config::KbSettings kb;
      kb.name = "k";
      kb.models = models;
      options.settings.kbs = {kb};
    });
  }
  json::value ask_for(const char* method, const char* path, const std::string& body,
                      int expected = 200) {
    int status = 0;
    auto answer = proxy_->admin(method, path, body, &status);
    EXPECT_EQ(status, expected) << json::serialize(answer);
    return answer;
  }
  json::value load(const std::string& body) {
    return ask_for("PUT", "/api/kbs/k", documents(body));
  }
  json::value show() { return ask_for("GET", "/api/kbs/k", ""); }
  static const json::value& model(const json::value& kb, std::size_t at = 0) {
    return kb.at("models").at(at);
  }
  static std::string_view source(const json::value& model) {
    return model.at("estimated_from").as_string();
  }

  std::unique_ptr<ProxyUnderTest> proxy_;
};

// --- against the simulator, which counts as the providers' pages say -----------------------------

class KbCountsOfProviders : public KbCounts {
 protected:
  KbCountsOfProviders() {
    EXPECT_TRUE(simulator_.start());
    start("http://127.0.0.1:" + std::to_string(simulator_.port()),
          {"claude-sonnet-5-5", "gpt-6.2-sol", "gemini-3.8-flash"});
  }
  /// Tokens of the prompt of a request that says ".", as the provider reports them.
  std::uint64_t reported(const std::string& target, const std::string& body) {
    const auto answer =
        ask(*proxy_, post(target, body,
                          "x-api-key: sk-own\r\nx-goog-api-key: sk-own\r\n"
                          "authorization: Bearer sk-own\r\nanthropic-version: 2023-06-01\r\n"));
    EXPECT_EQ(answer.status(), 200) << answer.body;
    std::uint64_t tokens = 0;
    const auto row = proxy_->row(answer);
    for (const auto& [kind, count] : row.at("tokens").as_object()) {
      if (kind != "output") tokens += count.to_number<std::uint64_t>();
    }
    return tokens;
  }
  void expect_counted_as_reported(std::size_t at, std::uint64_t tokens) {
    const auto kb = show();
    EXPECT_EQ(source(model(kb, at)), "counted");
    EXPECT_NEAR(static_cast<double>(number(model(kb, at), "tokens_estimate")),
                static_cast<double>(tokens), 20);  // of the question and around it
  }

  simulator::Server simulator_{simulator::Options{}};
};

TEST_F(KbCountsOfProviders, AreWhatAnthropicThenReports) {
  load(numbered_words(4000, "word"));
  expect_counted_as_reported(
      0, reported("/kb/k/v1/messages", R"({"model":"claude-sonnet-5-5","max_tokens":5,)"
                                       R"("messages":[{"role":"user","content":"."}]})"));
}

TEST_F(KbCountsOfProviders, AreWhatOpenAiThenReports) {
  load(numbered_words(4000, "word"));
  expect_counted_as_reported(
      1, reported("/kb/k/v1/responses", R"({"model":"gpt-6.2-sol","input":"."})"));
}

TEST_F(KbCountsOfProviders, AreWhatGeminiThenReports) {
  load(numbered_words(4000, "word"));
  expect_counted_as_reported(2,
                             reported("/kb/k/v1beta/models/gemini-3.8-flash:generateContent",
                                      R"({"contents":[{"role":"user","parts":[{"text":"."}]}]})"));
}

TEST_F(KbCountsOfProviders, AreSaidByADiffTooWithoutAnError) {
  const auto told = ask_for("POST", "/api/kbs/k/diff", documents(numbered_words(4000, "word")));
  EXPECT_EQ(source(model(told)), "counted");
  EXPECT_EQ(model(told).at("tokens_error").to_number<double>(), 0);
  EXPECT_EQ(model(told).at("layer_tokens").at(0), model(told).at("tokens_estimate"));
}

// --- against an upstream that counts questions ---------------------------------------------------

class KbCountsAskedFor : public KbCounts {
 protected:
  KbCountsAskedFor() { start(upstream_.url(), {"claude-sonnet-5-5"}); }

  std::string answer_ = ok_response(R"({"input_tokens":5000})");
  std::string first_ = ok_response(R"({"input_tokens":8})");
  std::atomic<int> asked_ = 0;
  FakeUpstream upstream_{
      [this](const Message&, Wire& wire) { wire.send(asked_++ == 0 ? first_ : answer_); }};
};

TEST_F(KbCountsAskedFor, AreOfTheLayerWithoutWhatIsAroundIt) {
  EXPECT_EQ(number(model(load(numbered_words(2000, "a"))), "tokens_estimate"), 4992u);
}

TEST_F(KbCountsAskedFor, AreNotAskedForTwiceEvenAfterARestart) {
  load(numbered_words(2000, "a"));
  EXPECT_EQ(asked_, 2);
  proxy_->restart();
  load(numbered_words(2000, "a"));
  ask_for("POST", "/api/kbs/k/diff", documents(numbered_words(2000, "a")));
  EXPECT_EQ(number(model(show()), "tokens_estimate"), 4992u);
  EXPECT_EQ(asked_, 2);
}

TEST_F(KbCountsAskedFor, AreOfTheNewLayersOnlyAfterAnUpdate) {
  load(numbered_words(2000, "a") + "\n# One\nold\n");
  const auto kb = load(numbered_words(2000, "a") + "\n# One\nnew\n");
  EXPECT_EQ(kb.at("layers").as_array().size(), 2u);
  EXPECT_EQ(asked_, 2 + 2);  // what is around it is asked for by each load
}

TEST_F(KbCountsAskedFor, ThatFailAreEstimatedAndTheReasonIsSaid) {
  first_ = "HTTP/1.1 529 Overloaded\r\ncontent-length: 0\r\n\r\n";
  const auto kb = load(numbered_words(2000, "a"));
  EXPECT_EQ(source(model(kb)), "table");
  const std::string reason(model(kb).at("not_counted").as_string());
  EXPECT_NE(reason.find("529"), std::string::npos) << reason;
}

TEST_F(KbCountsAskedFor, ThatHaveNoNumberAreEstimated) {
  answer_ = ok_response(R"({"input_tokens":"many"})");
  EXPECT_EQ(source(model(load(numbered_words(2000, "a")))), "table");
}

// 20 KB are 5,500 tokens by the table; the provider says that they are more than fit.
TEST_F(KbCountsAskedFor, DecideWhatFitsAtALoad) {
  answer_ = ok_response(R"({"input_tokens":1000100})");
  ask_for("PUT", "/api/kbs/k", documents(numbered_words(2000, "a")), 400);
}

TEST_F(KbCountsAskedFor, DecideWhatFitsOnARequestsWay) {
  answer_ = ok_response(R"({"input_tokens":1000100})");
  ask_for("PUT", "/api/kbs/k?allow_oversize=true", documents(numbered_words(2000, "a")));
  const auto refused = [this] {
    const auto answer =
        ask(*proxy_, post("/kb/k/v1/messages", R"({"model":"claude-sonnet-5-5","max_tokens":5,)"
                                               R"("messages":[{"role":"user","content":"."}]})"));
    return answer.field("x-foreword-error");
  };
  EXPECT_EQ(refused(), "kb_too_large");
  proxy_->restart();
  EXPECT_EQ(refused(), "kb_too_large");
}

TEST_F(KbCounts, AreNotAskedForWhereNoModelIsNamed) {
  const FakeUpstream upstream([](const Message&, Wire& wire) { wire.send(ok_response("{}")); });
  start(upstream.url(), {});
  EXPECT_EQ(source(model(load(numbered_words(2000, "a")))), "table");
  EXPECT_TRUE(upstream.requests().empty());
}

}  // namespace
}  // namespace foreword::test
