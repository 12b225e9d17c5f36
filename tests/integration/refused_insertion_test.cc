// An upstream that refuses what Foreword puts in: the prompt goes out once more, without it.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "config/limits.h"
#include "simulator/gzip.h"
#include "simulator/server.h"
#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"
#include "support/signal.h"

namespace foreword::test {
namespace {

const std::string kPrompt = R"({"model":"claude-sonnet-5-5","messages":[]})";
const std::string kChat = R"({"model":"m","stream":true,"messages":[]})";
const std::string kNoMarks =
    R"({"error":{"message":"system.0.cache_control: Extra inputs are not permitted"}})";

std::string answer_400(const std::string& body, const std::string& headers = "") {
  return "HTTP/1.1 400 Bad Request\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string gzip(std::string_view text) {
  simulator::GzipStream stream;
  const auto begin = stream.add(text);
  return begin + stream.finish();
}

bool says(const Message& request, std::string_view word) {
  return request.body.find(word) != std::string::npos;
}

/// Answers 200 unless a handler of the test's own has answered.
class RefusedInsertion : public testing::Test {
 protected:
  RefusedInsertion() { proxy_.load_kb("docs", {{"a.md", "KNOWLEDGE"}}); }

  /// What has this word in it is answered with that.
  void refuse(const std::string& word, const std::string& answer) {
    handler_ = [=](const Message& request, Wire& wire) {
      wire.send(says(request, word) ? answer : ok_response("{}"));
    };
  }
  Message ask_with_kb() { return ask(proxy_, post("/kb/docs/v1/messages", kPrompt)); }
  [[nodiscard]] std::vector<std::string> bodies() const {
    std::vector<std::string> all;
    for (const auto& request : upstream_.requests()) all.push_back(request.body);
    return all;
  }
  [[nodiscard]] std::size_t rows() const {
    return proxy_.admin("GET", "/api/requests").at("requests").as_array().size();
  }

  FakeUpstream::Handler handler_;
  std::atomic<std::int64_t> seconds_{1'795'392'000};
  FakeUpstream upstream_{[this](const Message& request, Wire& wire) { handler_(request, wire); }};
  ProxyUnderTest proxy_{upstream_.url(), [this](proxy::ServerOptions& options) {
                          options.now = [this] {
                            return config::TimePoint(std::chrono::seconds(seconds_));
                          };
                        }};
};

TEST_F(RefusedInsertion, IsLeftOutWhileTheKnowledgeBaseStays) {
  refuse("cache_control", answer_400(kNoMarks));
  EXPECT_EQ(ask_with_kb().status(), 200);
  ASSERT_EQ(bodies().size(), 2u);
  EXPECT_NE(bodies()[1].find("KNOWLEDGE"), std::string::npos);
  EXPECT_EQ(bodies()[1].find("cache_control"), std::string::npos);
}

TEST_F(RefusedInsertion, WithoutAKnowledgeBaseLeavesTheClientsOwnBytes) {
  refuse("stream_options", answer_400(R"({"error":{"message":"stream_options: unknown field"}})"));
  EXPECT_EQ(ask(proxy_, post("/v1/chat/completions", kChat)).status(), 200);
  ASSERT_EQ(bodies().size(), 2u);
  EXPECT_EQ(bodies()[1], kChat);
}

TEST_F(RefusedInsertion, GoesOutOnTheSameConnection) {
  refuse("cache_control", answer_400(kNoMarks));
  ask_with_kb();
  EXPECT_EQ(upstream_.connections(), 1u);
}

TEST_F(RefusedInsertion, IsRememberedForTheModel) {
  refuse("cache_control", answer_400(kNoMarks));
  ask_with_kb();
  EXPECT_EQ(ask_with_kb().status(), 200);
  EXPECT_EQ(bodies().size(), 3u);
  ask(proxy_, post("/kb/docs/v1/messages", R"({"model":"another","messages":[]})"));
  EXPECT_EQ(bodies().size(), 5u);
}

TEST_F(RefusedInsertion, IsTriedAgainWhenItIsForgotten) {
  refuse("cache_control", answer_400(kNoMarks));
  ask_with_kb();
  seconds_ += std::chrono::seconds(config::limits::kRefusalTime).count();
  ask_with_kb();
  EXPECT_EQ(bodies().size(), 4u);
}

TEST_F(RefusedInsertion, IsNotRememberedWhereTheRestIsRefusedToo) {
  refuse("model", answer_400(kNoMarks));
  EXPECT_EQ(ask_with_kb().body, kNoMarks);
  EXPECT_EQ(bodies().size(), 2u);
  ask_with_kb();
  EXPECT_EQ(bodies().size(), 4u);
}

TEST_F(RefusedInsertion, OfSeveralKindsFailsNoRequest) {
  handler_ = [](const Message& request, Wire& wire) {
    for (const std::string word : {"prompt_cache_key", "stream_options"}) {
      if (!says(request, word)) continue;
      wire.send(answer_400(R"({"detail":[{"loc":["body",")" + word + R"("]}]})"));
      return;
    }
    wire.send(ok_response("{}"));
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ask(proxy_, post("/kb/docs/v1/chat/completions", kChat)).status(), 200);
  }
  EXPECT_EQ(bodies().size(), 5u);
}

TEST_F(RefusedInsertion, IsReadOutOfACompressedError) {
  refuse("cache_control", answer_400(gzip(kNoMarks), "Content-Encoding: gzip\r\n"));
  EXPECT_EQ(ask_with_kb().status(), 200);
}

TEST_F(RefusedInsertion, MakesOneRowThatSaysSo) {
  refuse("cache_control", answer_400(kNoMarks));
  const auto row = proxy_.row(ask_with_kb());
  EXPECT_EQ(row.at("refused").as_string(), "breakpoints");
  EXPECT_EQ(row.at("placement").as_string(), "inserted_unmarked");
  EXPECT_EQ(row.at("status").as_int64(), 200);
  EXPECT_EQ(rows(), 1u);
  EXPECT_EQ(proxy_.admin("GET", "/api/status").at("resent").as_int64(), 1);
}

TEST_F(RefusedInsertion, WhereItIsTheKnowledgeBaseTheAnswerSaysSo) {
  const std::string body = R"({"contents":[]})";
  const std::string target = "/kb/docs/v1beta/models/gemma-3-27b-it:generateContent";
  refuse("KNOWLEDGE", answer_400(R"({"error":{"message":"Developer instruction is not enabled for )"
                                 R"(models/gemma-3-27b-it","status":"INVALID_ARGUMENT"}})"));
  for (int i = 0; i < 2; ++i) {
    const auto answer = ask(proxy_, post(target, body));
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.field("x-foreword-kb"), "refused");
    EXPECT_EQ(upstream_.last_request().body, body);
    const auto row = proxy_.row(answer);
    EXPECT_EQ(row.at("placement").as_string(), "refused");
    EXPECT_TRUE(row.at("kb").is_null());
  }
}

TEST_F(RefusedInsertion, WorksForAClientThatWaitsToBeAskedForItsBody) {
  refuse("cache_control", answer_400(kNoMarks));
  auto client = proxy_.connect();
  const auto request = post("/kb/docs/v1/messages", kPrompt, "Expect: 100-continue\r\n");
  const auto end = request.find("\r\n\r\n") + 4;
  client.send(request.substr(0, end));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send(request.substr(end));
  EXPECT_EQ(read_message(client, true).status(), 200);
}

TEST_F(RefusedInsertion, LeavesWhatWasPipelinedBehindIt) {
  refuse("cache_control", answer_400(kNoMarks));
  auto client = proxy_.connect();
  client.send(post("/kb/docs/v1/messages", kPrompt) + post("/v1/messages", kPrompt));
  EXPECT_EQ(read_message(client, true).status(), 200);
  EXPECT_EQ(read_message(client, true).status(), 200);
  EXPECT_EQ(upstream_.last_request().body, kPrompt);
}

TEST_F(RefusedInsertion, AnUpstreamThatThenDiesIsAnErrorOfOneRow) {
  handler_ = [](const Message& request, Wire& wire) {
    if (says(request, "cache_control")) {
      wire.send(answer_400(kNoMarks));
    } else {
      wire.reset();
    }
  };
  const auto answer = ask_with_kb();
  EXPECT_EQ(answer.field("x-foreword-error"), "upstream_closed");
  const auto row = proxy_.row(answer);
  EXPECT_EQ(row.at("outcome").as_string(), "failed");
  EXPECT_EQ(row.at("usage_source").as_string(), "none");
  EXPECT_EQ(rows(), 1u);
  EXPECT_EQ(bodies().size(), 2u);
}

TEST_F(RefusedInsertion, AClientThatThenLeavesEndsTheSecondRequest) {
  Signal<> arrived;
  Signal<bool> closed;
  handler_ = [&](const Message& request, Wire& wire) {
    if (says(request, "cache_control")) {
      wire.send(answer_400(kNoMarks));
      return;
    }
    arrived.set();
    closed.set(wire.closed_by_peer());
  };
  auto client = proxy_.connect();
  client.send(post("/kb/docs/v1/messages", kPrompt));
  arrived.wait();
  client.close();
  EXPECT_EQ(closed.wait(), true);
  proxy_.restart();  // waits for the row
  const auto row = proxy_.latest_row();
  EXPECT_EQ(row.at("outcome").as_string(), "client_gone");
  EXPECT_EQ(rows(), 1u);
}

// --- by a second opinion -------------------------------------------------------------------------

struct RefusedWord {
  std::string word;
  std::string target;
  std::string body;
  std::string refused;
};

class RefusedBySimulator : public testing::TestWithParam<RefusedWord> {};

TEST_P(RefusedBySimulator, InTheProvidersWordsIsUnderstood) {
  const auto& given = GetParam();
  simulator::Options options;
  options.faults = "refuse=" + given.word;
  simulator::Server simulator{options};
  ASSERT_TRUE(simulator.start());
  ProxyUnderTest proxy("http://127.0.0.1:" + std::to_string(simulator.port()));
  proxy.load_kb("docs", {{"a.md", "KNOWLEDGE"}});
  const auto answer =
      ask(proxy, post(given.target, given.body,
                      "x-api-key: k\r\nauthorization: Bearer k\r\nx-goog-api-key: k\r\n"
                      "anthropic-version: 2023-06-01\r\n"));
  EXPECT_EQ(answer.status(), 200) << answer.body;
  EXPECT_EQ(proxy.row(answer).at("refused").as_string(), given.refused);
  proxy.stop();
}

INSTANTIATE_TEST_SUITE_P(
    Members, RefusedBySimulator,
    testing::Values(RefusedWord{"cache_control", "/kb/docs/v1/messages",
                                R"({"model":"claude-sonnet-5-5","max_tokens":5,)"
                                R"("messages":[{"role":"user","content":"?"}]})",
                                "breakpoints"},
                    RefusedWord{"prompt_cache_key", "/openai/kb/docs/v1/chat/completions",
                                R"({"model":"gpt-5.4","messages":[{"role":"user","content":"?"}]})",
                                "prompt_cache_key"},
                    RefusedWord{"prompt_cache_breakpoint", "/openai/kb/docs/v1/responses",
                                R"({"model":"gpt-5.6-sol","input":"?"})", "breakpoints"},
                    RefusedWord{"stream_options", "/openai/v1/chat/completions",
                                R"({"model":"gpt-5.4","stream":true,)"
                                R"("messages":[{"role":"user","content":"?"}]})",
                                "stream_options"},
                    RefusedWord{"systemInstruction",
                                "/gemini/kb/docs/v1beta/models/gemini-3.8-flash:generateContent",
                                R"({"contents":[{"role":"user","parts":[{"text":"?"}]}]})",
                                "knowledge"}),
    [](const auto& given) { return given.param.word; });

// --- what goes on as it came ---------------------------------------------------------------------

class OtherAnswers : public RefusedInsertion {
 protected:
  /// The client sees the upstream's body, and the upstream one request.
  void expect_passed_on(const Message& answer, int status, const std::string& body) {
    EXPECT_EQ(answer.status(), status);
    EXPECT_TRUE(answer.complete);
    EXPECT_TRUE(answer.body == body) << answer.body.substr(0, 200);
    EXPECT_EQ(bodies().size(), 1u);
  }
  Message ask_answered(const std::string& answer) {
    refuse("model", answer);
    return ask_with_kb();
  }
};

TEST_F(OtherAnswers, AboutTheLengthOfThePrompt) {
  const std::string error =
      R"({"error":{"message":"prompt is too long: 210000 tokens > 200000 maximum"}})";
  expect_passed_on(ask_answered(answer_400(error)), 400, error);
}

TEST_F(OtherAnswers, AboutMarkersOfTheClients) {
  refuse("model", answer_400(R"({"error":{"message":"cache_control: bad"}})"));
  const auto answer =
      ask(proxy_, post("/kb/docs/v1/messages",
                       R"({"model":"m","cache_control":{"type":"ephemeral"},"messages":[]})"));
  expect_passed_on(answer, 400, R"({"error":{"message":"cache_control: bad"}})");
}

TEST_F(OtherAnswers, ToAPromptThatNothingWasPutInto) {
  refuse("model", answer_400(kNoMarks));
  expect_passed_on(ask(proxy_, post("/v1/messages", kPrompt)), 400, kNoMarks);
}

TEST_F(OtherAnswers, OfAnotherStatus) {
  auto answer = answer_400(kNoMarks);
  answer.replace(9, 15, "429 Bad Request");
  expect_passed_on(ask_answered(answer), 429, kNoMarks);
}

TEST_F(OtherAnswers, WithoutABody) {
  expect_passed_on(ask_answered(answer_400("")), 400, "");
}

TEST_F(OtherAnswers, LongerThanIsHeld) {
  const auto error = kNoMarks + pattern(config::limits::kMaxRefusalBytes * 3);
  expect_passed_on(ask_answered(answer_400(error)), 400, error);
}

TEST_F(OtherAnswers, ThatExplodeWhenTheyAreUnpacked) {
  const auto error = gzip(kNoMarks + std::string(8u << 20, ' '));
  const auto answer = ask_answered(answer_400(error, "Content-Encoding: gzip\r\n"));
  expect_passed_on(answer, 400, error);
}

TEST_F(OtherAnswers, ToTheEndOfTheirConnection) {
  handler_ = [](const Message&, Wire& wire) {
    wire.send("HTTP/1.1 400 Bad Request\r\n\r\nno such model");
    wire.close();
  };
  expect_passed_on(ask_with_kb(), 400, "no such model");
}

TEST_F(OtherAnswers, InTheChunksTheyCameIn) {
  refuse("model", "HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("no ") +
                      chunk("such ") + chunk("model") + std::string(kLastChunk));
  auto client = proxy_.connect();
  client.send(post("/kb/docs/v1/messages", kPrompt));
  client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read_until(kLastChunk),
            chunk("no ") + chunk("such ") + chunk("model") + std::string(kLastChunk));
}

TEST_F(OtherAnswers, OfEmptyChunks) {
  refuse("model", "HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n" +
                      std::string(kLastChunk));
  expect_passed_on(ask_with_kb(), 400, "");
}

TEST_F(OtherAnswers, ThatAreCutAreCutForTheClientToo) {
  handler_ = [](const Message&, Wire& wire) {
    wire.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 1000\r\n\r\n" + kNoMarks);
    wire.close();
  };
  const auto answer = ask_with_kb();
  EXPECT_EQ(answer.body, kNoMarks);
  EXPECT_FALSE(answer.complete);
  EXPECT_EQ(proxy_.row(answer).at("outcome").as_string(), "upstream_cut");
  EXPECT_EQ(bodies().size(), 1u);
}

}  // namespace
}  // namespace foreword::test
