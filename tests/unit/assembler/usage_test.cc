#include "assembler/usage.h"

#include <gtest/gtest.h>

#include "config/limits.h"

namespace foreword::assembler {
namespace {

using config::Operation;
using config::TokenClass;
using config::TokenCounts;

TokenCounts counts(std::initializer_list<std::pair<TokenClass, std::uint64_t>> classes) {
  TokenCounts result;
  for (const auto& [token_class, count] : classes) result[token_class] = count;
  return result;
}

class UsageTest : public ::testing::Test {
 protected:
  /// Meters a whole JSON body.
  void json(Operation operation, std::string_view body) {
    meter_ = UsageMeter(operation, BodyKind::json);
    meter_.feed(body);
    meter_.finish();
  }
  void stream(Operation operation) { meter_ = UsageMeter(operation, BodyKind::sse); }
  void event(std::string_view data) { meter_.feed("data: " + std::string(data) + "\n\n"); }
  void event(std::string_view type, std::string_view data) {
    meter_.feed("event: " + std::string(type) + "\n");
    event(data);
  }
  const TokenCounts& counted() const { return meter_.usage().counts; }

  UsageMeter meter_{Operation::other, BodyKind::json};
};

// --- Anthropic ----------------------------------------------------------------------------------

TEST_F(UsageTest, AnthropicJson) {
  json(Operation::messages,
       R"({"type":"message","model":"claude-opus-5","content":[{"type":"text","text":"Hi"}],)"
       R"("usage":{"input_tokens":3,"cache_creation_input_tokens":100,)"
       R"("cache_read_input_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":40,)"
       R"("ephemeral_1h_input_tokens":60},"output_tokens":5,"service_tier":"batch",)"
       R"("speed":"fast","inference_geo":"us"}})");
  EXPECT_EQ(counted(), counts({{TokenClass::input, 3},
                               {TokenClass::cache_read, 7},
                               {TokenClass::cache_write_5m, 40},
                               {TokenClass::cache_write_1h, 60},
                               {TokenClass::output, 5}}));
  EXPECT_EQ(meter_.usage().model, "claude-opus-5");
  EXPECT_EQ(meter_.usage().terms.service_tier, "batch");
  EXPECT_EQ(meter_.usage().terms.speed, "fast");
  EXPECT_EQ(meter_.usage().terms.inference_geo, "us");
  EXPECT_TRUE(meter_.is_final());
}

constexpr std::string_view kMessageStart =
    R"({"type":"message_start","message":{"model":"claude-sonnet-5-5","usage":{"input_tokens":3,)"
    R"("cache_creation_input_tokens":100,"cache_read_input_tokens":7,"cache_creation":)"
    R"({"ephemeral_5m_input_tokens":40,"ephemeral_1h_input_tokens":60},"output_tokens":1}}})";

TEST_F(UsageTest, AnthropicStreamKnowsItsInputFromTheStart) {
  stream(Operation::messages);
  event("message_start", kMessageStart);
  EXPECT_TRUE(meter_.has_usage());
  EXPECT_FALSE(meter_.is_final());
  EXPECT_EQ(counted().prompt(), 110u);
  EXPECT_EQ(meter_.usage().model, "claude-sonnet-5-5");
}

TEST_F(UsageTest, AnthropicStreamTakesTheLastOfEachNumberNeverTheSum) {
  stream(Operation::messages);
  event("message_start", kMessageStart);
  event("message_delta",
        R"({"type":"message_delta","delta":{"stop_reason":null},"usage":{"output_tokens":8}})");
  EXPECT_FALSE(meter_.is_final());
  event("message_delta",
        R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":4,)"
        R"("cache_creation_input_tokens":110,"cache_read_input_tokens":null,"output_tokens":12}})");
  EXPECT_TRUE(meter_.is_final());
  EXPECT_EQ(counted(), counts({{TokenClass::input, 4},
                               {TokenClass::cache_read, 7},
                               {TokenClass::cache_write_5m, 50},
                               {TokenClass::cache_write_1h, 60},
                               {TokenClass::output, 12}}));
}

TEST_F(UsageTest, AnthropicWritesWithoutASplitAre5m) {
  json(Operation::messages,
       R"({"usage":{"input_tokens":1,"cache_creation_input_tokens":9,"output_tokens":2}})");
  EXPECT_EQ(counted()[TokenClass::cache_write_5m], 9u);
}

TEST_F(UsageTest, AnthropicSplitLargerThanItsWholeIsCut) {
  json(Operation::messages, R"({"usage":{"cache_creation_input_tokens":9,"cache_creation":)"
                            R"({"ephemeral_5m_input_tokens":5,"ephemeral_1h_input_tokens":50}}})");
  EXPECT_EQ(counted(), counts({{TokenClass::cache_write_1h, 9}}));
}

TEST_F(UsageTest, AnthropicTextOfEveryKindIsMeasured) {
  stream(Operation::messages);
  event("content_block_delta", R"({"type":"content_block_delta","delta":{"text":"h\u00e9"}})");
  event("content_block_delta", R"({"delta":{"partial_json":"{\"a"}})");
  event("content_block_delta", R"({"delta":{"thinking":"hm"}})");
  event("content_block_delta", R"({"delta":{"signature":"not text"}})");
  event("ping", R"({"type":"ping","delta":{"text":"passed over"}})");
  EXPECT_EQ(meter_.usage().output_text_bytes, 3u + 3u + 2u);
  EXPECT_FALSE(meter_.has_usage());
}

TEST_F(UsageTest, TextThatCannotBeDecodedIsMeasuredAsItIs) {
  stream(Operation::messages);
  event("content_block_delta", R"({"delta":{"text":"\ud800"}})");
  EXPECT_EQ(meter_.usage().output_text_bytes, 6u);
}

// --- OpenAI -------------------------------------------------------------------------------------

TEST_F(UsageTest, ChatJson) {
  json(Operation::chat_completions,
       R"({"model":"gpt-4.1","service_tier":"flex","choices":[{"message":{"content":"Hi"}}],)"
       R"("usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,)"
       R"("prompt_tokens_details":{"cached_tokens":64},)"
       R"("completion_tokens_details":{"reasoning_tokens":9}}})");
  EXPECT_EQ(
      counted(),
      counts({{TokenClass::input, 36}, {TokenClass::cache_read, 64}, {TokenClass::output, 20}}));
  EXPECT_EQ(meter_.usage().terms.service_tier, "flex");
  EXPECT_TRUE(meter_.is_final());
}

TEST_F(UsageTest, ChatStreamClosesWithItsUsageChunk) {
  stream(Operation::chat_completions);
  event(R"({"model":"gpt-4.1","choices":[{"delta":{"content":"abc"}}],"usage":null})");
  event(R"({"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{}"}}]}}]})");
  EXPECT_FALSE(meter_.has_usage());
  EXPECT_EQ(meter_.usage().output_text_bytes, 5u);
  event(R"({"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":2}})");
  EXPECT_TRUE(meter_.is_final());
  EXPECT_EQ(counted().total(), 12u);
}

TEST_F(UsageTest, ChatStreamWithRunningUsageIsFinalAtItsEnd) {
  stream(Operation::chat_completions);
  event(R"({"choices":[{"delta":{}}],"usage":{"prompt_tokens":10,"completion_tokens":1}})");
  event(R"({"choices":[{"delta":{}}],"usage":{"prompt_tokens":10,"completion_tokens":2}})");
  EXPECT_FALSE(meter_.is_final());
  event("[DONE]");
  EXPECT_TRUE(meter_.is_final());
  EXPECT_EQ(counted().output(), 2u);
}

TEST_F(UsageTest, ChatStreamWithoutUsageNeverIsFinal) {
  stream(Operation::chat_completions);
  event(R"({"choices":[{"delta":{"content":"x"}}]})");
  event("[DONE]");
  EXPECT_FALSE(meter_.is_final());
  EXPECT_FALSE(meter_.has_usage());
}

TEST_F(UsageTest, UsageThatSaysNothingTakesNothingBack) {
  stream(Operation::chat_completions);
  event(R"({"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":2}})");
  event(R"({"choices":[],"usage":{}})");
  EXPECT_EQ(counted().total(), 12u);
}

TEST_F(UsageTest, ResponsesStream) {
  stream(Operation::responses);
  event("response.created", R"({"type":"response.created","response":{"model":"gpt-6-sol"}})");
  event("response.output_text.delta", R"({"type":"response.output_text.delta","delta":"Hello"})");
  EXPECT_EQ(meter_.usage().model, "gpt-6-sol");
  EXPECT_FALSE(meter_.has_usage());
  event("response.completed",
        R"({"response":{"usage":{"input_tokens":90,"input_tokens_details":{"cached_tokens":30,)"
        R"("cache_write_tokens":40,"cache_write_tokens_details":{"ttl_30m_tokens":10,)"
        R"("ttl_12h_tokens":30}},"output_tokens":4},"service_tier":"default"},)"
        R"("type":"response.completed"})");
  EXPECT_EQ(counted(), counts({{TokenClass::input, 20},
                               {TokenClass::cache_read, 30},
                               {TokenClass::cache_write_30m, 10},
                               {TokenClass::cache_write_12h, 30},
                               {TokenClass::output, 4}}));
  EXPECT_EQ(meter_.usage().output_text_bytes, 5u);
  EXPECT_EQ(meter_.usage().terms.service_tier, "default");
  EXPECT_TRUE(meter_.is_final());
}

TEST_F(UsageTest, ResponsesStreamsMayEndInThreeWays) {
  for (const std::string type : {"response.completed", "response.incomplete", "response.failed"}) {
    stream(Operation::responses);
    event(type, R"({"type":")" + type + R"(","response":{"usage":{"input_tokens":1}}})");
    EXPECT_TRUE(meter_.is_final()) << type;
  }
}

TEST_F(UsageTest, ResponsesFailedWithoutUsage) {
  stream(Operation::responses);
  event("response.failed", R"({"type":"response.failed","response":{"usage":null}})");
  EXPECT_FALSE(meter_.is_final());
}

TEST_F(UsageTest, OpenAiPartsLargerThanTheirWholeAreCut) {
  json(Operation::responses,
       R"({"usage":{"input_tokens":50,"input_tokens_details":{"cached_tokens":40,)"
       R"("cache_write_tokens":40,"cache_write_tokens_details":{"ttl_12h_tokens":99}},)"
       R"("output_tokens":1}})");
  EXPECT_EQ(counted(), counts({{TokenClass::cache_read, 40},
                               {TokenClass::cache_write_12h, 10},
                               {TokenClass::output, 1}}));
}

TEST_F(UsageTest, OpenAiCachedAboveTheTotal) {
  json(Operation::chat_completions,
       R"({"usage":{"prompt_tokens":5,"prompt_tokens_details":{"cached_tokens":900}}})");
  EXPECT_EQ(counted(), counts({{TokenClass::cache_read, 5}}));
}

// --- Gemini -------------------------------------------------------------------------------------

constexpr std::string_view kGeminiUsage =
    R"("usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":6,)"
    R"("candidatesTokenCount":2,"thoughtsTokenCount":3,"toolUsePromptTokenCount":4})";

const TokenCounts kGeminiCounts =
    counts({{TokenClass::input, 8}, {TokenClass::cache_read, 6}, {TokenClass::output, 5}});

TEST_F(UsageTest, GeminiJson) {
  json(Operation::generate_content,
       "{" + std::string(kGeminiUsage) + R"(,"modelVersion":"gemini-3.8-flash"})");
  EXPECT_EQ(counted(), kGeminiCounts);
  EXPECT_EQ(meter_.usage().model, "gemini-3.8-flash");
  EXPECT_TRUE(meter_.is_final());
}

TEST_F(UsageTest, GeminiStreamTakesItsLastChunk) {
  stream(Operation::generate_content);
  event(R"({"candidates":[{"content":{"parts":[{"text":"ab"},{"text":"c"}]}}],)"
        R"("usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":99}})");
  EXPECT_TRUE(meter_.has_usage());
  EXPECT_FALSE(meter_.is_final());
  event(R"({"candidates":[{"finishReason":"STOP"}],)" + std::string(kGeminiUsage) + "}");
  EXPECT_TRUE(meter_.is_final());
  EXPECT_EQ(counted(), kGeminiCounts);
  EXPECT_EQ(meter_.usage().output_text_bytes, 3u);
}

TEST_F(UsageTest, GeminiBlockedPromptIsFinal) {
  stream(Operation::generate_content);
  event(R"({"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":10}})");
  EXPECT_TRUE(meter_.is_final());
}

TEST_F(UsageTest, GeminiStreamAsAnArray) {
  json(Operation::generate_content, R"([{"candidates":[{"content":{"parts":[{"text":"ab"}]}}],)"
                                    R"("usageMetadata":{"promptTokenCount":9}},)"
                                    "\r\n{" +
                                        std::string(kGeminiUsage) + "}\n]\n");
  EXPECT_EQ(counted(), kGeminiCounts);
  EXPECT_EQ(meter_.usage().output_text_bytes, 2u);
  EXPECT_TRUE(meter_.is_final());
}

TEST_F(UsageTest, GeminiCachedAboveTheTotal) {
  json(Operation::generate_content,
       R"({"usageMetadata":{"promptTokenCount":5,"cachedContentTokenCount":6}})");
  EXPECT_EQ(counted(), counts({{TokenClass::cache_read, 5}}));
}

// --- all ----------------------------------------------------------------------------------------

TEST_F(UsageTest, ErrorBodiesHaveNoUsage) {
  json(Operation::messages, R"({"type":"error","error":{"type":"overloaded_error"}})");
  EXPECT_FALSE(meter_.has_usage());
  EXPECT_FALSE(meter_.is_final());
}

TEST_F(UsageTest, AStreamThatBringsAnErrorHasFailed) {
  stream(Operation::messages);
  event("error", R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})");
  EXPECT_TRUE(meter_.has_failed());
  stream(Operation::chat_completions);
  event(R"({"error":{"message":"The server had an error","type":"server_error"}})");
  EXPECT_TRUE(meter_.has_failed());
  for (const std::string type : {"error", "response.failed"}) {
    stream(Operation::responses);
    event(type, R"({"type":")" + type + R"(","code":"server_error"})");
    EXPECT_TRUE(meter_.has_failed()) << type;
  }
  stream(Operation::generate_content);
  event(R"({"error":{"code":503,"status":"UNAVAILABLE"}})");
  EXPECT_TRUE(meter_.has_failed());
}

TEST_F(UsageTest, AStreamWithoutAnErrorHasNotFailed) {
  stream(Operation::chat_completions);
  event(R"({"error":null,"choices":[{"delta":{"content":"{\"error\":{}}"}}]})");
  stream(Operation::responses);
  event("response.completed", R"({"type":"response.completed","response":{"error":{}}})");
  EXPECT_FALSE(meter_.has_failed());
}

TEST_F(UsageTest, AnErrorInJsonIsNoStreamThatFailed) {
  json(Operation::messages, R"({"type":"error","error":{"type":"overloaded_error"}})");
  EXPECT_FALSE(meter_.has_failed());
}

TEST_F(UsageTest, AStreamHasEndedOnceItSaysSo) {
  stream(Operation::messages);
  event("message_start", kMessageStart);
  EXPECT_FALSE(meter_.has_ended());
  event("message_stop", R"({"type":"message_stop"})");
  EXPECT_TRUE(meter_.has_ended());
  stream(Operation::chat_completions);
  event(R"({"choices":[{"delta":{"content":"a"}}]})");
  EXPECT_FALSE(meter_.has_ended());
  event("[DONE]");
  EXPECT_TRUE(meter_.has_ended());
  stream(Operation::generate_content);
  event(R"({"candidates":[{"content":{"parts":[{"text":"a"}]}}]})");
  EXPECT_FALSE(meter_.has_ended());
  event(R"({"candidates":[{"finishReason":"STOP"}]})");
  EXPECT_TRUE(meter_.has_ended());
}

TEST_F(UsageTest, GarbageIsLeftOut) {
  for (const std::string_view body : {"", "<html>", "[1,", "{\"usage\":7}", "\"usage\"",
                                      "{\"usage\":{\"input_tokens\":\"x\"}}"}) {
    json(Operation::messages, body);
    EXPECT_FALSE(meter_.has_usage()) << body;
  }
}

TEST_F(UsageTest, ACutBodyIsLeftOut) {
  json(Operation::messages, R"({"usage":{"input_tokens":3,"output_tokens":1},"content":[{"te)");
  EXPECT_FALSE(meter_.has_usage());
}

TEST_F(UsageTest, AnEventThatBreaksOffKeepsWhatWasKnown) {
  stream(Operation::messages);
  event("message_start", kMessageStart);
  const auto before = counted();
  event("message_delta", R"({"usage":{"output_tokens":900},"delta":{"text":"x"},])");
  EXPECT_EQ(counted(), before);
  EXPECT_EQ(meter_.usage().output_text_bytes, 0u);
}

TEST_F(UsageTest, NumbersThatAreNoCountsAreLeftOut) {
  for (const std::string number : {"-1", "1.5", "1e40", "99999999999999999999", "null", "true"}) {
    json(Operation::messages, R"({"usage":{"input_tokens":)" + number + R"(,"output_tokens":2}})");
    EXPECT_EQ(counted(), counts({{TokenClass::output, 2}})) << number;
  }
}

TEST_F(UsageTest, WholeNumbersMayBeWrittenAsFractions) {
  json(Operation::messages, R"({"usage":{"input_tokens":1.2e1}})");
  EXPECT_EQ(counted()[TokenClass::input], 12u);
}

TEST_F(UsageTest, ABodyAboveTheLimitIsNotMetered) {
  meter_ = UsageMeter(Operation::messages, BodyKind::json);
  meter_.feed(R"({"usage":{"input_tokens":3},"x":")");
  const std::string piece(1u << 20, 'x');
  for (std::size_t fed = 0; fed <= config::limits::kMaxMeteredJsonBytes; fed += piece.size()) {
    meter_.feed(piece);
  }
  meter_.feed("\"}");
  meter_.finish();
  EXPECT_FALSE(meter_.has_usage());
}

TEST_F(UsageTest, BodiesInPiecesOfAnySize) {
  const std::string body = "{" + std::string(kGeminiUsage) + "}";
  for (std::size_t size = 1; size < body.size(); ++size) {
    meter_ = UsageMeter(Operation::generate_content, BodyKind::json);
    for (std::size_t at = 0; at < body.size(); at += size) {
      meter_.feed(std::string_view(body).substr(at, size));
    }
    meter_.finish();
    ASSERT_EQ(counted(), kGeminiCounts) << size;
  }
}

TEST_F(UsageTest, OtherOperationsAreNotMetered) {
  json(Operation::other, R"({"usage":{"input_tokens":3}})");
  EXPECT_FALSE(meter_.has_usage());
}

}  // namespace
}  // namespace foreword::assembler
