// generateContent and its neighbours rule by rule.
#include <gtest/gtest.h>

#include "calling_simulator.h"

namespace foreword::simulator {
namespace {

constexpr const char* kModel = "/v1beta/models/gemini-3.8-flash";

class GeminiApiTest : public CallingSimulator {
 protected:
  static json::object content(const std::string& text) {
    return {{"parts", json::array{json::object{{"text", text}}}}};
  }
  static json::object body(const std::string& kb, const std::string& question) {
    return {{"systemInstruction", content(kb)}, {"contents", json::array{content(question)}}};
  }
  json::value generate(const json::object& request, const std::string& model = kModel) {
    return post_json(model + ":generateContent", request);
  }
  static std::int64_t cached(const json::value& response) {
    return number(response, "/usageMetadata/cachedContentTokenCount");
  }
};

TEST_F(GeminiApiTest, ARepeatedFrontIsCachedWithoutBeingAsked) {
  EXPECT_EQ(cached(generate(body(text_of("kb", 5000), "One?"))), -1) << "a zero is left out";
  EXPECT_GT(cached(generate(body(text_of("kb", 5000), "Two?"))), 4096);
}

TEST_F(GeminiApiTest, BelowTheModelsMinimumNothingIsCached) {
  generate(body(text_of("kb", 4000), "One?"));
  EXPECT_EQ(cached(generate(body(text_of("kb", 4000), "Two?"))), -1);
}

TEST_F(GeminiApiTest, TheMinimumOfThe25ModelsIsLower) {
  const std::string model = "/v1beta/models/gemini-2.5-pro";
  generate(body(text_of("kb", 4000), "One?"), model);
  EXPECT_GT(cached(generate(body(text_of("kb", 4000), "Two?"), model)), 2048);
}

TEST_F(GeminiApiTest, ThePromptCountIncludesCachedTokens) {
  const auto cold = generate(body(text_of("kb", 5000), "One?"));
  const auto warm = generate(body(text_of("kb", 5000), "One?"));
  EXPECT_EQ(number(warm, "/usageMetadata/promptTokenCount"),
            number(cold, "/usageMetadata/promptTokenCount"));
}

TEST_F(GeminiApiTest, ThoughtsAreNotCandidatesButInTheTotal) {
  const auto response = generate(body("kb", "One?"));
  const auto thoughts = number(response, "/usageMetadata/thoughtsTokenCount");
  EXPECT_GT(thoughts, 0);
  EXPECT_EQ(number(response, "/usageMetadata/totalTokenCount"),
            number(response, "/usageMetadata/promptTokenCount") +
                number(response, "/usageMetadata/candidatesTokenCount") + thoughts);
}

TEST_F(GeminiApiTest, AThinkingBudgetOfZeroStopsThinking) {
  auto request = body("kb", "One?");
  request["generationConfig"] =
      json::object{{"thinkingConfig", json::object{{"thinkingBudget", 0}}}};
  EXPECT_EQ(number(generate(request), "/usageMetadata/thoughtsTokenCount"), -1);
}

TEST_F(GeminiApiTest, BothSpellingsOfFieldsAreTheSamePrompt) {
  const json::object snake = {{"system_instruction", content("kb")},
                              {"contents", json::array{content("One?")}}};
  EXPECT_EQ(number(generate(snake), "/usageMetadata/promptTokenCount"),
            number(generate(body("kb", "One?")), "/usageMetadata/promptTokenCount"));
}

TEST_F(GeminiApiTest, AStreamHasUsageInEveryChunkAndCrlfLineEnds) {
  const Reply reply =
      post(std::string(kModel) + ":streamGenerateContent?alt=sse", body("kb", "One?"));
  EXPECT_EQ(reply.content_type, "text/event-stream");
  const auto chunks = data_of(reply);
  ASSERT_GT(chunks.size(), 1u);
  for (const auto& chunk : chunks) EXPECT_GT(number(chunk, "/usageMetadata/promptTokenCount"), 0);
  EXPECT_TRUE(reply.events[0].bytes.ends_with("\r\n\r\n"));
  EXPECT_EQ(text(chunks.back(), "/candidates/0/finishReason"), "STOP");
  EXPECT_EQ(text(chunks.front(), "/candidates/0/finishReason"), "");
}

TEST_F(GeminiApiTest, WithoutAltSseAStreamIsAJsonArray) {
  const Reply reply = post(std::string(kModel) + ":streamGenerateContent", body("kb", "One?"));
  ASSERT_TRUE(reply.is_streamed);
  std::string all;
  for (const auto& event : reply.events) all += event.bytes;
  const auto parsed = json::parse(all);
  ASSERT_TRUE(parsed.is_array());
  EXPECT_EQ(text(parsed.as_array().back(), "/modelVersion"), "gemini-3.8-flash");
}

TEST_F(GeminiApiTest, V1IsServedLikeV1Beta) {
  EXPECT_EQ(post("/v1/models/gemini-3.8-flash:generateContent", body("kb", "One?")).status, 200u);
}

TEST_F(GeminiApiTest, CachedContentForbidsASystemInstruction) {
  auto request = body("kb", "One?");
  request["cachedContent"] = "cachedContents/abc";
  const Reply reply = post(std::string(kModel) + ":generateContent", request);
  EXPECT_EQ(reply.status, 400u);
  EXPECT_EQ(
      error_message(reply),
      "CachedContent can not be used with GenerateContent request setting system_instruction, "
      "tools or tool_config.");
}

TEST_F(GeminiApiTest, AnUnknownModelIsNotFound) {
  const Reply reply = post("/v1beta/models/gemini-nonsense:generateContent", body("kb", "One?"));
  EXPECT_EQ(reply.status, 404u);
  EXPECT_EQ(text(json::parse(reply.body), "/error/status"), "NOT_FOUND");
}

TEST_F(GeminiApiTest, CountTokensCountsWhatGenerateReads) {
  const auto request = body("kb", "How many?");
  EXPECT_EQ(number(post_json(std::string(kModel) + ":countTokens", request), "/totalTokens"),
            number(generate(request), "/usageMetadata/promptTokenCount"));
}

TEST_F(GeminiApiTest, AMissingKeyIsUnauthenticated) {
  Request bare{"POST", std::string(kModel) + ":generateContent", {}, "{}"};
  const Reply reply = simulator_.answer(bare).reply;
  EXPECT_EQ(reply.status, 401u);
  EXPECT_EQ(text(json::parse(reply.body), "/error/status"), "UNAUTHENTICATED");
}

TEST_F(GeminiApiTest, AKeyInTheQueryIsAKey) {
  Request keyed{"GET", "/v1beta/models?key=abc", {}, ""};
  EXPECT_EQ(simulator_.answer(keyed).reply.status, 200u);
}

TEST_F(GeminiApiTest, ARequestWithoutContentsIsRefused) {
  EXPECT_EQ(post(std::string(kModel) + ":generateContent", json::object()).status, 400u);
}

}  // namespace
}  // namespace foreword::simulator
