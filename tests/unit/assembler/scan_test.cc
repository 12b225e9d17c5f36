#include "assembler/scan.h"

#include <gtest/gtest.h>

#include "unit/assembler/plan_check.h"

namespace foreword::assembler {
namespace {

using config::Operation;

class ScanTest : public ::testing::Test {
 protected:
  /// Scans a body that has to be outlined.
  const Outline& outline_of(Operation operation, std::string_view body) {
    body_ = body;
    auto scanned = testing::scan_exactly(operation, body);
    EXPECT_TRUE(scanned.has_value()) << (scanned ? "" : name_of(scanned.error()));
    outline_ = scanned ? *scanned : Outline();
    return outline_;
  }
  const Outline& messages(std::string_view body) { return outline_of(Operation::messages, body); }
  const Outline& chat(std::string_view body) {
    return outline_of(Operation::chat_completions, body);
  }
  const Outline& responses(std::string_view body) { return outline_of(Operation::responses, body); }
  const Outline& gemini(std::string_view body) {
    return outline_of(Operation::generate_content, body);
  }

  std::string_view failure_of(std::string_view body, Operation operation = Operation::messages) {
    const auto scanned = testing::scan_exactly(operation, body);
    return scanned ? "outlined" : name_of(scanned.error());
  }

  /// The bytes that a span names.
  std::string at(const Span& span) { return body_.substr(span.begin, span.size()); }

  std::vector<std::string> segments() {
    std::vector<std::string> texts;
    for (const Segment& segment : outline_.segments) texts.push_back(at(segment.span));
    return texts;
  }

  std::string body_;
  Outline outline_;
};

using Texts = std::vector<std::string>;

TEST_F(ScanTest, CompactAnthropicRequest) {
  const auto& outline =
      messages(R"({"model":"claude-sonnet-5-5","system":"Be brief.","messages":[],"stream":true})");
  EXPECT_EQ(outline.model, "claude-sonnet-5-5");
  EXPECT_TRUE(outline.stream);
  EXPECT_EQ(at(outline.anthropic.system.span), R"("Be brief.")");
  EXPECT_EQ(at(outline.root), body_);
}

TEST_F(ScanTest, PrettyPrintedSpansHoldNoWhiteSpaceAround) {
  const auto& outline = messages(
      "\n{\n  \"system\" : [ { \"type\" : \"text\" } \t] ,\r\n  \"messages\" : [\n  ]\n}\n ");
  EXPECT_EQ(at(outline.anthropic.system.span), "[ { \"type\" : \"text\" } \t]");
  EXPECT_EQ(segments(), Texts{"{ \"type\" : \"text\" }"});
  EXPECT_EQ(at(outline.root).front(), '{');
  EXPECT_EQ(at(outline.root).back(), '}');
}

TEST_F(ScanTest, StringFollowedByWhiteSpaceEndsAtItsQuote) {
  EXPECT_EQ(at(messages("{\"system\":\"S\" \n\t }").anthropic.system.span), "\"S\"");
}

TEST_F(ScanTest, EscapedMemberNamesAreRecognised) {
  EXPECT_EQ(at(messages(R"({"sys\u0074em":"S"})").anthropic.system.span), R"("S")");
}

TEST_F(ScanTest, NamesWithHalfASurrogatePairAreNoneOfOurs) {
  EXPECT_EQ(at(messages(R"({"\ud800":1,"system":"S"})").anthropic.system.span), R"("S")");
}

TEST_F(ScanTest, ModelIsDecoded) {
  EXPECT_EQ(messages(R"({"model":"a\u002fb"})").model, "a/b");
}

TEST_F(ScanTest, EmptyRoot) {
  EXPECT_TRUE(messages(" { } ").root_empty);
  EXPECT_FALSE(messages(R"({"a":1})").root_empty);
}

TEST_F(ScanTest, EmptyAndOtherShapesOfSystem) {
  const auto shape = [&](const char* value) {
    return messages(std::string(R"({"system":)") + value + "}").anthropic.system;
  };
  EXPECT_EQ(shape("null").shape, Shape::null);
  EXPECT_EQ(shape("1.0e0").shape, Shape::number);
  EXPECT_EQ(shape("true").shape, Shape::boolean);
  EXPECT_EQ(shape("{}").shape, Shape::object);
  EXPECT_TRUE(shape("\"\"").empty);
  EXPECT_TRUE(shape("[ ]").empty);
  EXPECT_FALSE(shape("[1]").empty);
  EXPECT_FALSE(shape("\" \"").empty);
  EXPECT_EQ(messages("{}").anthropic.system.shape, Shape::absent);
}

TEST_F(ScanTest, SegmentsAreInPrefixOrderWhateverTheBodysOrder) {
  messages(R"({"messages":[{"content":"m1"},{"content":[{"a":1},{"b":2}]}],)"
           R"("system":[{"s":1}],"tools":[{"t":1},{"t":2}]})");
  EXPECT_EQ(segments(), (Texts{R"({"t":1})", R"({"t":2})", R"({"s":1})", R"("m1")", R"({"a":1})",
                               R"({"b":2})"}));
}

TEST_F(ScanTest, MarkersAreFoundWhereverTheyMayStand) {
  const auto& outline =
      messages(R"({"cache_control":{"type":"ephemeral","ttl":"1h"},)"
               R"("messages":[{"content":[{"cache_control":{"type":"ephemeral"}},)"
               R"({"type":"tool_result","content":[{"text":"x","cache_control":{"ttl":"1h"}}]}]}],)"
               R"("system":[{"cache_control":{"ttl":"5m"}}],"tools":[{"cache_control":{}}]})");
  const std::vector<Marker> expected = {{Place::top_level, Ttl::hour_1},
                                        {Place::messages, Ttl::minutes_5},
                                        {Place::messages, Ttl::hour_1},
                                        {Place::system, Ttl::minutes_5},
                                        {Place::tools, Ttl::minutes_5}};
  EXPECT_EQ(outline.anthropic.markers, expected);
}

TEST_F(ScanTest, NullCacheControlIsNoMarker) {
  EXPECT_TRUE(messages(R"({"cache_control":null,"system":[{"cache_control":null}]})")
                  .anthropic.markers.empty());
}

TEST_F(ScanTest, CacheControlInsideOfToolInputIsText) {
  EXPECT_TRUE(messages(R"({"messages":[{"content":[{"type":"tool_use",)"
                       R"("input":{"cache_control":{"type":"ephemeral"}}}]}]})")
                  .anthropic.markers.empty());
}

TEST_F(ScanTest, ThreadIsSeenUnlessNull) {
  EXPECT_TRUE(messages(R"({"thread":{"type":"create"}})").anthropic.has_thread);
  EXPECT_FALSE(messages(R"({"thread":null})").anthropic.has_thread);
}

TEST_F(ScanTest, ChatRequest) {
  const auto& openai =
      chat(R"({"messages":[{"content":"S","role":"developer"},{"role":"system","content":"T"}],)"
           R"("stream":true,"stream_options":{"x":1,"include_usage" : false },)"
           R"("prompt_cache_key":null,"prompt_cache_options":{"mode":"explicit"}})")
          .openai;
  EXPECT_EQ(openai.first_instruction_role, "developer");
  EXPECT_EQ(at(openai.stream_options.span), R"({"x":1,"include_usage" : false })");
  EXPECT_EQ(at(openai.include_usage.span), "false");
  EXPECT_TRUE(openai.has_prompt_cache_key);
  EXPECT_TRUE(openai.explicit_cache_mode);
}

TEST_F(ScanTest, OpenAiBreakpointsInContentAndInFunctionOutput) {
  EXPECT_EQ(responses(R"({"input":[{"content":[{"prompt_cache_breakpoint":{}},{"text":"x"}]},)"
                      R"({"output":[{"prompt_cache_breakpoint":{}}]},)"
                      R"({"output":{"prompt_cache_breakpoint":{}}},)"
                      R"({"content":[{"prompt_cache_breakpoint":null}]}]})")
                .openai.breakpoints,
            3u);
}

TEST_F(ScanTest, StoredConversationsAreSeenUnlessNull) {
  const auto continues = [&](const char* body) {
    return responses(body).openai.continues_stored_conversation;
  };
  EXPECT_TRUE(continues(R"({"previous_response_id":"r","conversation":null})"));
  EXPECT_TRUE(continues(R"({"conversation":{"id":"c"}})"));
  EXPECT_FALSE(continues(R"({"previous_response_id":null})"));
}

TEST_F(ScanTest, ResponsesInstructionsComeBeforeInput) {
  responses(R"({"input":"I","instructions":"D","tools":[1]})");
  EXPECT_EQ(segments(), (Texts{"1", R"("D")", R"("I")"}));
}

TEST_F(ScanTest, BothSpellingsOfGeminiMembers) {
  EXPECT_EQ(at(gemini(R"({"systemInstruction":{"parts":[1]}})").gemini.parts.span), "[1]");
  EXPECT_EQ(at(gemini(R"({"system_instruction":{"parts":[1]}})").gemini.parts.span), "[1]");
  EXPECT_TRUE(gemini(R"({"cachedContent":"c"})").gemini.has_cached_content);
  EXPECT_TRUE(gemini(R"({"cached_content":"c"})").gemini.has_cached_content);
}

TEST_F(ScanTest, GeminiSegments) {
  gemini(R"({"contents":[{"parts":[{"text":"a"},{"text":"b"}]}],"tools":[{}],)"
         R"("systemInstruction":{"parts":[{"text":"s"}]}})");
  EXPECT_EQ(segments(), (Texts{"{}", R"({"text":"s"})", R"({"text":"a"})", R"({"text":"b"})"}));
}

TEST_F(ScanTest, DuplicatesOfMembersThatMatterAreRefused) {
  const auto chat_completions = Operation::chat_completions;
  const auto generate = Operation::generate_content;
  EXPECT_EQ(failure_of(R"({"system":"a","system":"b"})"), "duplicate_member");
  EXPECT_EQ(failure_of(R"({"system":"a","s\u0079stem":"b"})"), "duplicate_member");
  EXPECT_EQ(failure_of(R"({"messages":[],"messages":[]})"), "duplicate_member");
  EXPECT_EQ(failure_of(R"({"model":1,"model":2})"), "duplicate_member");
  EXPECT_EQ(failure_of(R"({"stream":true,"stream":false})", chat_completions), "duplicate_member");
  EXPECT_EQ(failure_of(R"({"stream_options":{"include_usage":true,"include_usage":false}})",
                       chat_completions),
            "duplicate_member");
  EXPECT_EQ(failure_of(R"({"systemInstruction":{},"system_instruction":{}})", generate),
            "duplicate_member");
  EXPECT_EQ(failure_of(R"({"cachedContent":"c","cached_content":null})", generate),
            "duplicate_member");
  EXPECT_EQ(failure_of(R"({"systemInstruction":{"parts":[],"parts":[]}})", generate),
            "duplicate_member");
}

TEST_F(ScanTest, DuplicatesElsewhereDoNotMatter) {
  EXPECT_EQ(failure_of(R"({"metadata":1,"metadata":2,"messages":[{"role":"a","role":"b"}]})"),
            "outlined");
}

TEST_F(ScanTest, PromptsOfImpossibleShapeAreRefused) {
  EXPECT_EQ(failure_of(R"({"messages":7})"), "unexpected_shape");
  EXPECT_EQ(failure_of(R"({"messages":"x"})", Operation::chat_completions), "unexpected_shape");
  EXPECT_EQ(failure_of(R"({"input":{}})", Operation::responses), "unexpected_shape");
  EXPECT_EQ(failure_of(R"({"tools":"x"})"), "unexpected_shape");
}

TEST_F(ScanTest, OddShapesInsideOfThePromptDoNotMatter) {
  EXPECT_EQ(failure_of(R"({"messages":[1,null,{"content":5},{"content":{"a":1}},[]]})"),
            "outlined");
  EXPECT_EQ(failure_of(R"({"model":{},"stream":"yes","system":1})"), "outlined");
}

TEST_F(ScanTest, OtherThanOneObjectIsRefused) {
  EXPECT_EQ(failure_of("[]"), "not_an_object");
  EXPECT_EQ(failure_of("\"x\""), "not_an_object");
  EXPECT_EQ(failure_of("12"), "not_an_object");
}

class MalformedTest : public ::testing::TestWithParam<const char*> {};

TEST_P(MalformedTest, IsRefusedWhateverLiesBehindIt) {
  for (const char behind : {'}', ']', ',', '"', '0', '\0'}) {
    std::string bytes(GetParam());
    const auto size = bytes.size();
    bytes.append(64, behind);
    const auto scanned = scan(Operation::messages, std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(scanned.has_value()) << behind;
    EXPECT_EQ(scanned.error(), ScanFailure::malformed_json) << behind;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, MalformedTest,
    ::testing::Values("", "   ", "{", "{\"a\":1", "{\"a\"}", "{\"a\":}", "{\"a\":,\"b\":1}",
                      "{\"a\":1,}", "{\"a\":\"b\":{\"c\":1}}", "{\"a\":\"b\":{\"c\":}1}}",
                      "{\"tools\":[\"a\":1]}", "{\"a\":1 \"b\":2}", "{\"system\":\"a\"b}", "{} {}",
                      "{}}", "{\"a\":1} x", "{\"a\":1},", "{\"a\":\"unclosed}", "{\"system\":tru}",
                      "{\"system\":nul}", "{\"system\":[1,2}", "{\"system\":[1 2]}",
                      "{\"messages\":[{]}", "{\"a\":{\"b\":1}", "{\"a\":\"\xFF\"}",
                      "{\"a\":\"line\nfeed\"}", "\xEF\xBB\xBF{}"));

TEST_F(ScanTest, BlocksNestedBeyondReasonAreRefused) {
  std::string block = "{}";
  for (int i = 0; i < 40; ++i) block = R"({"content":[)" + block + "]}";
  EXPECT_EQ(failure_of(R"({"messages":[)" + block + "]}"), "too_deep");
}

TEST_F(ScanTest, DeepValuesThatDoNotMatterAreSkipped) {
  const std::string open(100'000, '[');
  const std::string close(100'000, ']');
  EXPECT_EQ(failure_of("{\"x\":" + open + close + ",\"system\":\"S\"}"), "outlined");
}

TEST_F(ScanTest, TwentyMegabyteBody) {
  const std::string image(20u << 20, 'A');
  const auto& outline =
      messages(R"({"messages":[{"content":[{"data":")" + image + R"("}]}],"system":"S"})");
  EXPECT_EQ(at(outline.anthropic.system.span), R"("S")");
  EXPECT_EQ(outline.segments.back().span.size(), image.size() + 11);
}

TEST_F(ScanTest, ManySmallBodiesAfterALargeOne) {
  outline_of(Operation::messages, "{\"x\":\"" + std::string(3u << 20, 'x') + "\"}");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(failure_of(R"({"system":"S"})"), "outlined");
}

TEST_F(ScanTest, EveryFailureHasAName) {
  EXPECT_EQ(name_of(ScanFailure::malformed_json), "malformed_json");
  EXPECT_EQ(name_of(ScanFailure::too_deep), "too_deep");
}

}  // namespace
}  // namespace foreword::assembler
