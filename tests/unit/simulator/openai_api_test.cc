// Chat Completions and Responses rule by rule.
#include <gtest/gtest.h>

#include "calling_simulator.h"

namespace foreword::simulator {
namespace {

constexpr const char* kChat = "/v1/chat/completions";
constexpr const char* kResponses = "/v1/responses";

class OpenAiApiTest : public CallingSimulator {
 protected:
  static json::object part(const std::string& text, const char* type = "text") {
    return {{"type", type}, {"text", text}};
  }
  static json::object marked(json::object part, const char* ttl = nullptr) {
    json::object marker = {{"mode", "explicit"}};
    if (ttl != nullptr) marker["ttl"] = ttl;
    part["prompt_cache_breakpoint"] = std::move(marker);
    return part;
  }
  static json::object message(const char* role, json::value content) {
    return {{"role", role}, {"content", std::move(content)}};
  }
  static json::object chat(const char* model, const std::string& kb, const std::string& question) {
    json::array messages;
    messages.push_back(message("system", json::value(kb)));
    messages.push_back(message("user", json::value(question)));
    return {{"model", model}, {"messages", std::move(messages)}};
  }
  /// The knowledge base in a marked part of the first message.
  static json::object marked_chat(const std::string& question, const char* ttl = nullptr) {
    auto request = chat("gpt-6.2-sol", "", question);
    json::array content;
    content.push_back(marked(part(text_of("kb", 3000)), ttl));
    request["messages"].as_array()[0] = message("developer", std::move(content));
    return request;
  }
  static json::object response(json::value input, const char* model = "gpt-6.2-sol") {
    return {{"model", model}, {"input", std::move(input)}};
  }
  static json::object marked_response(const std::string& question, const char* ttl) {
    json::array content;
    content.push_back(marked(part(text_of("kb", 3000), "input_text"), ttl));
    json::array input;
    input.push_back(message("developer", std::move(content)));
    input.push_back(message("user", json::value(question)));
    return response(std::move(input));
  }
  std::string refused(const char* path, const json::object& request) {
    const Reply reply = post(path, request);
    EXPECT_EQ(reply.status, 400u) << reply.body;
    EXPECT_EQ(text(json::parse(reply.body), "/error/type"), "invalid_request_error");
    return text(json::parse(reply.body), "/error/param");
  }
  std::int64_t cached(const json::object& request) {
    return number(post_json(kChat, request), "/usage/prompt_tokens_details/cached_tokens");
  }
};

// --- before gpt-5.6
// -------------------------------------------------------------------------------

TEST_F(OpenAiApiTest, OldModelsCacheTheCommonFrontInStepsOf128) {
  EXPECT_EQ(cached(chat("gpt-5.4", text_of("kb", 3000), "One?")), 0);
  const auto again = cached(chat("gpt-5.4", text_of("kb", 3000), "Two?"));
  EXPECT_GE(again, 2944);
  EXPECT_EQ(again % 128, 0);
}

TEST_F(OpenAiApiTest, TotalsIncludeCachedTokens) {
  const auto request = chat("gpt-5.4", text_of("kb", 3000), "One?");
  const auto cold = post_json(kChat, request);
  const auto warm = post_json(kChat, request);
  EXPECT_EQ(number(warm, "/usage/prompt_tokens"), number(cold, "/usage/prompt_tokens"));
  EXPECT_EQ(number(warm, "/usage/total_tokens"),
            number(warm, "/usage/prompt_tokens") + number(warm, "/usage/completion_tokens"));
}

TEST_F(OpenAiApiTest, OldModelsReportNoWrites) {
  const auto completion = post_json(kChat, chat("gpt-5.4", text_of("kb", 3000), "One?"));
  EXPECT_EQ(number(completion, "/usage/prompt_tokens_details/cache_write_tokens"), -1);
}

TEST_F(OpenAiApiTest, OldModelsMissUnderAnotherCacheKey) {
  auto request = chat("gpt-5.4", text_of("kb", 3000), "One?");
  request["prompt_cache_key"] = "a";
  cached(request);
  request["prompt_cache_key"] = "b";
  EXPECT_EQ(cached(request), 0);
}

TEST_F(OpenAiApiTest, TheSixteenthRequestOfAMinuteOverflowsToAColdMachine) {
  const auto request = chat("gpt-5.4", text_of("kb", 3000), "One?");
  cached(request);
  for (int i = 2; i <= 15; ++i) EXPECT_GT(cached(request), 0) << i;
  EXPECT_EQ(cached(request), 0);
}

TEST_F(OpenAiApiTest, PrefixesInMemoryAreForgottenAfterFiveIdleMinutes) {
  auto request = chat("gpt-5.4", text_of("kb", 3000), "One?");
  request["prompt_cache_retention"] = "in_memory";
  cached(request);
  advance(std::chrono::minutes(6));
  EXPECT_EQ(cached(request), 0);
}

TEST_F(OpenAiApiTest, CapableModelsKeepPrefixesForADayByDefault) {
  const auto request = chat("gpt-5.4", text_of("kb", 3000), "One?");
  cached(request);
  advance(std::chrono::hours(23));
  EXPECT_GT(cached(request), 0);
  EXPECT_EQ(refused(kChat,
                    [] {
                      auto wrong = chat("gpt-5.5", "kb", "One?");
                      wrong["prompt_cache_retention"] = "in_memory";
                      return wrong;
                    }()),
            "prompt_cache_retention");
}

TEST_F(OpenAiApiTest, OldModelsRefuseBreakpointsAndOptions) {
  auto request = marked_chat("One?");
  request["model"] = "gpt-5.4";
  EXPECT_EQ(refused(kChat, request), "prompt_cache_breakpoint");
  auto options = chat("gpt-5.4", "kb", "One?");
  options["prompt_cache_options"] = json::object{{"mode", "explicit"}};
  EXPECT_EQ(refused(kChat, options), "prompt_cache_options");
}

// --- gpt-5.6 and later
// -----------------------------------------------------------------------------

TEST_F(OpenAiApiTest, WritesAreReportedAndIncludedInTheTotal) {
  const auto cold = post_json(kChat, marked_chat("One?"));
  EXPECT_EQ(number(cold, "/usage/prompt_tokens_details/cache_write_tokens") + 3,
            number(cold, "/usage/prompt_tokens"))
      << "in implicit mode the tail is written too, but what opens the answer";
  const auto warm = post_json(kChat, marked_chat("Two?"));
  EXPECT_GE(number(warm, "/usage/prompt_tokens_details/cached_tokens"), 3000);
}

TEST_F(OpenAiApiTest, ExplicitModeBillsTheTailAsInput) {
  auto request = marked_chat("One?");
  request["prompt_cache_options"] = json::object{{"mode", "explicit"}};
  const auto completion = post_json(kChat, request);
  EXPECT_LT(number(completion, "/usage/prompt_tokens_details/cache_write_tokens"),
            number(completion, "/usage/prompt_tokens"));
}

TEST_F(OpenAiApiTest, TwelveHoursAreForResponsesOnly) {
  EXPECT_EQ(refused(kChat, marked_chat("One?", "12h")),
            "messages[0].content[0].prompt_cache_breakpoint.ttl");
  const auto answer = post_json(kResponses, marked_response("One?", "12h"));
  EXPECT_GE(number(answer, "/usage/input_tokens_details/cache_write_tokens_details/ttl_12h_tokens"),
            3000);
}

TEST_F(OpenAiApiTest, ToolsMayNotCarryBreakpoints) {
  auto request = response("One?");
  request["tools"] = json::array{marked({{"type", "function"}, {"name", "f"}})};
  EXPECT_EQ(refused(kResponses, request), "tools[0].prompt_cache_breakpoint");
}

TEST_F(OpenAiApiTest, AssistantOutputMayNotCarryBreakpoints) {
  json::array content;
  content.push_back(marked(part("earlier", "output_text")));
  json::array input;
  input.push_back(message("assistant", std::move(content)));
  EXPECT_EQ(refused(kResponses, response(std::move(input))),
            "input[0].content[0].prompt_cache_breakpoint");
}

TEST_F(OpenAiApiTest, ANullCacheKeyAndNullOptionsAreAccepted) {
  auto request = marked_chat("One?");
  request["prompt_cache_key"] = nullptr;
  request["prompt_cache_options"] = nullptr;
  EXPECT_EQ(post(kChat, request).status, 200u);
}

TEST_F(OpenAiApiTest, PrewarmingGeneratesNothing) {
  auto request = marked_response("One?", "30m");
  request["prompt_cache_options"] = json::object{{"mode", "explicit"}, {"prewarm", true}};
  const auto answer = post_json(kResponses, request);
  EXPECT_TRUE(answer.at("output").as_array().empty());
  EXPECT_EQ(number(answer, "/usage/output_tokens"), 0);
  EXPECT_GE(number(answer, "/usage/input_tokens_details/cache_write_tokens"), 3000);
}

TEST_F(OpenAiApiTest, ReasoningEffortChangesThePrefix) {
  auto request = marked_response("One?", "30m");
  post_json(kResponses, request);
  request["reasoning"] = json::object{{"effort", "low"}};
  EXPECT_EQ(number(post_json(kResponses, request), "/usage/input_tokens_details/cached_tokens"), 0);
}

// --- chat streams
// ---------------------------------------------------------------------------------

TEST_F(OpenAiApiTest, WithoutIncludeUsageNoChunkHasUsage) {
  auto request = chat("gpt-6.2-sol", "kb", "One?");
  request["stream"] = true;
  const Reply reply = post(kChat, request);
  for (const auto& chunk : data_of(reply)) EXPECT_FALSE(chunk.as_object().contains("usage"));
  EXPECT_EQ(reply.events.back().bytes, "data: [DONE]\n\n");
}

TEST_F(OpenAiApiTest, WithIncludeUsageALastChunkHasItAndTheOthersNull) {
  auto request = chat("gpt-6.2-sol", "kb", "One?");
  request["stream"] = true;
  request["stream_options"] = json::object{{"include_usage", true}};
  const auto chunks = data_of(post(kChat, request));
  for (std::size_t i = 0; i + 1 < chunks.size(); ++i) EXPECT_TRUE(chunks[i].at("usage").is_null());
  EXPECT_TRUE(chunks.back().at("choices").as_array().empty());
  EXPECT_GT(number(chunks.back(), "/usage/prompt_tokens"), 0);
}

TEST_F(OpenAiApiTest, ReasoningModelsRefuseMaxTokens) {
  auto request = chat("gpt-6.2-sol", "kb", "One?");
  request["max_tokens"] = 10;
  EXPECT_EQ(refused(kChat, request), "max_tokens");
}

TEST_F(OpenAiApiTest, Gpt6TakesFunctionToolsInResponsesOnly) {
  auto request = chat("gpt-6.1-sol", "kb", "One?");
  request["tools"] = json::array{json::object{{"type", "function"}}};
  EXPECT_EQ(refused(kChat, request), "tools");
}

// --- responses
// ------------------------------------------------------------------------------------

TEST_F(OpenAiApiTest, ResponsesEventsAreNumberedAndInOrder) {
  auto request = response("One?");
  request["stream"] = true;
  const auto events = data_of(post(kResponses, request));
  const char* first[] = {"response.created", "response.in_progress", "response.output_item.added",
                         "response.content_part.added", "response.output_text.delta"};
  const char* last[] = {"response.output_text.done", "response.content_part.done",
                        "response.output_item.done", "response.completed"};
  ASSERT_GT(events.size(), 9u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(text(events[i], "/type"), first[i]);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_EQ(text(events[events.size() - 4 + i], "/type"), last[i]);
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(number(events[i], "/sequence_number"), static_cast<std::int64_t>(i));
  }
  EXPECT_TRUE(events[0].at("response").at("usage").is_null());
  EXPECT_GT(number(events.back(), "/response/usage/output_tokens"), 0);
}

TEST_F(OpenAiApiTest, ACutResponseIsIncomplete) {
  auto request = response("One?");
  request["max_output_tokens"] = 16;
  const auto answer = post_json(kResponses, request);
  EXPECT_EQ(text(answer, "/status"), "incomplete");
  EXPECT_EQ(text(answer, "/incomplete_details/reason"), "max_output_tokens");
  EXPECT_LE(number(answer, "/usage/output_tokens"), 16);
}

TEST_F(OpenAiApiTest, ThePreviousResponsesItemsAreThePrefix) {
  const auto first = post_json(kResponses, response(json::value(text_of("long", 3000))));
  auto next = response("And then?");
  next["previous_response_id"] = first.at("id");
  const auto second = post_json(kResponses, next);
  EXPECT_GE(number(second, "/usage/input_tokens_details/cached_tokens"), 3000);
  EXPECT_GT(number(second, "/usage/input_tokens"), number(first, "/usage/input_tokens"));
}

TEST_F(OpenAiApiTest, AnUnknownPreviousResponseIsRefused) {
  auto request = response("One?");
  request["previous_response_id"] = "resp_unknown";
  EXPECT_EQ(refused(kResponses, request), "previous_response_id");
}

TEST_F(OpenAiApiTest, AnotherKeyCannotContinueAResponse) {
  auto next = response("And then?");
  next["previous_response_id"] = post_json(kResponses, response("One?")).at("id");
  key_ = "another";
  EXPECT_EQ(refused(kResponses, next), "previous_response_id");
}

TEST_F(OpenAiApiTest, InputTokensCountWhatAResponseWouldRead) {
  const auto request = response("How many?");
  EXPECT_EQ(number(post_json("/v1/responses/input_tokens", request), "/input_tokens"),
            number(post_json(kResponses, request), "/usage/input_tokens"));
}

// --- the rest
// -------------------------------------------------------------------------------------

TEST_F(OpenAiApiTest, AnUnknownModelIsNotFound) {
  const Reply reply = post(kChat, chat("gpt-nonsense", "kb", "One?"));
  EXPECT_EQ(reply.status, 404u);
  EXPECT_EQ(text(json::parse(reply.body), "/error/code"), "model_not_found");
}

TEST_F(OpenAiApiTest, RepliesNameTheRequestAndTheRateLimits) {
  const Reply reply = post(kChat, chat("gpt-6.2-sol", "kb", "One?"));
  EXPECT_EQ(header_of(reply, "x-request-id").substr(0, 4), "req_");
  EXPECT_EQ(header_of(reply, "x-ratelimit-remaining-requests"), "3999");
  EXPECT_EQ(header_of(reply, "x-ratelimit-reset-tokens"), "1m0s");
  EXPECT_FALSE(header_of(reply, "openai-organization").empty());
}

TEST_F(OpenAiApiTest, EmbeddingsDependOnTheTextAlone) {
  const json::object request = {{"model", "text-embedding-3-small"}, {"input", "word"}};
  const auto one = post_json("/v1/embeddings", request);
  EXPECT_EQ(one, post_json("/v1/embeddings", request));
  EXPECT_TRUE(one.at("data").at(0).at("embedding").is_array());
}

TEST_F(OpenAiApiTest, EmbeddingsComeInBase64IfAskedFor) {
  const json::object request = {
      {"model", "text-embedding-3-small"}, {"input", "word"}, {"encoding_format", "base64"}};
  const auto answer = post_json("/v1/embeddings", request);
  EXPECT_EQ(text(answer, "/data/0/embedding").size(), 44u) << "8 floats are 32 bytes";
}

}  // namespace
}  // namespace foreword::simulator
