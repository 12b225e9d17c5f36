#include "assembler/plan.h"

#include <array>

#include <gtest/gtest.h>

#include "unit/assembler/plan_check.h"

// Golden bytes of every wire form. K and L are layers, 0123 names their content.
namespace foreword::assembler {
namespace {

using config::Operation;

class PlanTest : public ::testing::Test {
 protected:
  /// The edited body; the plan of the last call stays in plan_.
  std::string edited(Operation operation, const std::string& body) {
    auto scanned = testing::scan_exactly(operation, body);
    EXPECT_TRUE(scanned.has_value()) << body;
    if (!scanned) return "";
    const JoinedKnowledge joined(std::vector<NamedLayers>{{"handbook", layers_}});
    const KnowledgeView knowledge{joined.layers()};
    PlanRequest request;
    request.outline = &*scanned;
    request.knowledge = attached_ ? &knowledge : nullptr;
    request.cache_key = cache_key_;
    request.leave_out = leave_out_;
    request.model.explicit_breakpoints = explicit_breakpoints_;
    plan_ = plan(request);
    EXPECT_EQ(testing::check_plan(body, *scanned, request, plan_), "") << body;
    return to_string(splice(body, plan_.edits));
  }
  std::string messages(const std::string& body) { return edited(Operation::messages, body); }
  std::string chat(const std::string& body) { return edited(Operation::chat_completions, body); }
  std::string responses(const std::string& body) { return edited(Operation::responses, body); }
  std::string gemini(const std::string& body) { return edited(Operation::generate_content, body); }

  /// Nothing is edited, for this reason.
  void expect_untouched(Operation operation, const std::string& body, Placement why) {
    EXPECT_EQ(edited(operation, body), body);
    EXPECT_TRUE(plan_.edits.empty());
    EXPECT_EQ(plan_.placement, why) << body;
  }

  std::vector<std::string> layers_ = {"K"};
  bool attached_ = true;
  bool explicit_breakpoints_ = false;
  std::string_view cache_key_ = "0123";
  Additions leave_out_;
  Plan plan_;
};

// --- Anthropic ----------------------------------------------------------------------------------

TEST_F(PlanTest, AnthropicWithoutSystem) {
  EXPECT_EQ(messages(R"({"messages":[]})"),
            R"({"system":[{"type":"text","text":"K","cache_control":{"type":"ephemeral"}}],)"
            R"("messages":[]})");
  EXPECT_EQ(plan_.placement, Placement::inserted);
}

TEST_F(PlanTest, AnthropicEmptyRoot) {
  EXPECT_EQ(messages("{ }"),
            R"({"system":[{"type":"text","text":"K","cache_control":{"type":"ephemeral"}}] })");
}

TEST_F(PlanTest, AnthropicSystemString) {
  EXPECT_EQ(messages(R"({"system": "S" ,"messages":[]})"),
            R"({"system": [{"type":"text","text":"K","cache_control":{"type":"ephemeral"}},)"
            R"({"type":"text","text":"S"}] ,"messages":[]})");
}

TEST_F(PlanTest, AnthropicEmptySystemStringLendsItsQuotes) {
  EXPECT_EQ(messages(R"({"system":""})"),
            R"({"system":[{"type":"text","text":"K","cache_control":{"type":"ephemeral"}}]})");
  for (const Edit& edit : plan_.edits) EXPECT_EQ(edit.erase, 0u);
}

TEST_F(PlanTest, AnthropicEmptySystemStringWithTwoLayers) {
  layers_ = {"K", "L"};
  EXPECT_EQ(messages(R"({"system":""})"),
            R"({"system":[{"type":"text","text":"K","cache_control":{"type":"ephemeral"}},)"
            R"({"type":"text","text":"L","cache_control":{"type":"ephemeral"}}]})");
}

TEST_F(PlanTest, AnthropicSystemBlocks) {
  EXPECT_EQ(messages(R"({"system":[ {"type":"text","text":"S"}]})"),
            R"({"system":[{"type":"text","text":"K","cache_control":{"type":"ephemeral"}}, )"
            R"({"type":"text","text":"S"}]})");
}

TEST_F(PlanTest, AnthropicEmptySystemArray) {
  EXPECT_EQ(messages(R"({"system":[ ]})"),
            R"({"system":[{"type":"text","text":"K","cache_control":{"type":"ephemeral"}} ]})");
}

/// Which of three layers are marked when the client has that many markers of its own.
class LayerMarksTest : public PlanTest,
                       public ::testing::WithParamInterface<std::pair<int, const char*>> {};

TEST_P(LayerMarksTest, TheLastIsMarkedFirstOfAllThenTheFirst) {
  layers_ = {"K", "L", "M"};
  const auto [taken, expected] = GetParam();
  std::string theirs;
  for (int i = 0; i < taken; ++i) theirs += R"(,{"cache_control":{"type":"ephemeral"}})";
  const auto text = messages(R"({"system":[{"type":"text","text":"S"})" + theirs + "]}");
  std::string marked;
  for (const std::string& layer : layers_) {
    const auto block = R"("text":")" + layer + R"(","cache_control")";
    if (text.find(block) != std::string::npos) marked += layer;
  }
  EXPECT_EQ(marked, expected);
}

INSTANTIATE_TEST_SUITE_P(Markers, LayerMarksTest,
                         ::testing::Values(std::pair{0, "KLM"}, std::pair{1, "KLM"},
                                           std::pair{2, "KM"}, std::pair{3, "M"},
                                           std::pair{4, ""}));

TEST_F(PlanTest, AnthropicThreadPassesByteForByte) {
  expect_untouched(Operation::messages, R"({"thread":{"type":"create"},"system":"S"})",
                   Placement::skipped_thread);
}

TEST_F(PlanTest, AnthropicSystemOfAnotherShape) {
  for (const char* body : {R"({"system":null})", R"({"system":{}})", R"({"system":1})"}) {
    expect_untouched(Operation::messages, body, Placement::skipped_shape);
  }
}

struct MarkerCase {
  const char* name;
  const char* tools;
  const char* system;
  const char* rest;
  const char* mark;
};

class AnthropicMarkerTest : public PlanTest, public ::testing::WithParamInterface<MarkerCase> {};

constexpr const char* k5m = R"({"cache_control":{"type":"ephemeral"}})";
constexpr const char* k1h = R"({"cache_control":{"type":"ephemeral","ttl":"1h"}})";
constexpr const char* kMark5m = R"(,"cache_control":{"type":"ephemeral"})";
constexpr const char* kMark1h = R"(,"cache_control":{"type":"ephemeral","ttl":"1h"})";

TEST_P(AnthropicMarkerTest, OurMarkFollowsTheClients) {
  const auto& c = GetParam();
  const auto body = std::string(R"({"tools":[)") + c.tools + R"(],"system":[)" + c.system +
                    R"(],"messages":[])" + c.rest + "}";
  const auto with_ours = std::string(R"({"type":"text","text":"K")") + c.mark + "}";
  EXPECT_NE(messages(body).find(with_ours), std::string::npos) << messages(body);
  const bool marked = std::string_view(c.mark).size() > 0;
  EXPECT_EQ(plan_.placement, marked ? Placement::inserted : Placement::inserted_unmarked);
}

const std::string kThree5m = std::string(k5m) + "," + k5m + "," + k5m;
const std::string kFour5m = kThree5m + "," + k5m;

INSTANTIATE_TEST_SUITE_P(
    Markers, AnthropicMarkerTest,
    ::testing::Values(
        MarkerCase{"none", "", "", "", kMark5m}, MarkerCase{"system_5m", "", k5m, "", kMark5m},
        MarkerCase{"system_1h", "", k1h, "", kMark1h},
        MarkerCase{"top_level_1h", "", "", R"(,"cache_control":{"ttl":"1h"})", kMark1h},
        MarkerCase{"tools_1h_only", k1h, "", "", kMark5m},
        MarkerCase{"tools_1h_system_1h", k1h, k1h, "", kMark1h},
        MarkerCase{"tools_5m_system_1h", k5m, k1h, "", kMark5m},
        MarkerCase{"three", "", kThree5m.c_str(), "", kMark5m},
        MarkerCase{"four", "", kFour5m.c_str(), "", ""},
        MarkerCase{"three_and_top_level", "", kThree5m.c_str(), R"(,"cache_control":{})", ""},
        MarkerCase{"null_top_level", "", kThree5m.c_str(), R"(,"cache_control":null)", kMark5m}),
    [](const auto& given) { return std::string(given.param.name); });

// --- OpenAI chat completions --------------------------------------------------------------------

TEST_F(PlanTest, ChatMessageGoesFirst) {
  EXPECT_EQ(chat(R"({"messages":[{"role":"user","content":"Hi"}]})"),
            R"({"prompt_cache_key":"0123","messages":[{"role":"system","content":)"
            R"([{"type":"text","text":"K"}]},{"role":"user","content":"Hi"}]})");
  EXPECT_EQ(plan_.placement, Placement::inserted_unmarked);
}

TEST_F(PlanTest, ChatWithoutMessagesInTheArray) {
  EXPECT_EQ(chat(R"({"messages":[]})"),
            R"({"prompt_cache_key":"0123","messages":[{"role":"system","content":)"
            R"([{"type":"text","text":"K"}]}]})");
}

TEST_F(PlanTest, ChatWithExplicitBreakpoints) {
  explicit_breakpoints_ = true;
  layers_ = {"K", "L"};
  EXPECT_EQ(chat(R"({"messages":[],"prompt_cache_key":"mine"})"),
            R"({"messages":[{"role":"developer","content":[{"type":"text","text":"K",)"
            R"("prompt_cache_breakpoint":{"mode":"explicit"}},)"
            R"({"type":"text","text":"L","prompt_cache_breakpoint":{"mode":"explicit"}}]}],)"
            R"("prompt_cache_key":"mine"})");
  EXPECT_EQ(plan_.placement, Placement::inserted);
}

TEST_F(PlanTest, TheClientsInstructionRoleIsKept) {
  explicit_breakpoints_ = true;
  const auto text = chat(R"({"messages":[{"role":"user"},{"role":"system","content":"S"}]})");
  EXPECT_NE(text.find(R"([{"role":"system","content":[{"type":"text","text":"K")"),
            std::string::npos);
}

TEST_F(PlanTest, ACacheKeyGoesInWithoutAKnowledgeBaseToo) {
  attached_ = false;
  EXPECT_EQ(chat(R"({"messages":[]})"), R"({"prompt_cache_key":"0123","messages":[]})");
  EXPECT_EQ(responses(R"({"input":"x"})"), R"({"prompt_cache_key":"0123","input":"x"})");
}

TEST_F(PlanTest, NullIsACacheKeyToo) {
  EXPECT_EQ(chat(R"({"prompt_cache_key":null,"messages":[]})").find("0123"), std::string::npos);
}

TEST_F(PlanTest, BreakpointOnlyWhereTheClientsLeaveRoom) {
  explicit_breakpoints_ = true;
  const std::string part = R"({"text":"x","prompt_cache_breakpoint":{"mode":"explicit"}})";
  const std::string three = R"("messages":[{"content":[)" + part + "," + part + "," + part + "]}]}";
  chat("{" + three);
  EXPECT_EQ(plan_.placement, Placement::inserted_unmarked);
  chat(R"({"prompt_cache_options":{"mode":"explicit"},)" + three);
  EXPECT_EQ(plan_.placement, Placement::inserted);
}

TEST_F(PlanTest, ChatWithoutUsableMessages) {
  for (const char* body : {"{}", R"({"messages":null})"}) {
    expect_untouched(Operation::chat_completions, body, Placement::skipped_shape);
  }
}

// --- OpenAI streams ---------------------------------------------------------------------------

struct UsageCase {
  const char* name;
  const char* body;
  const char* edited;
};

class AskForUsageTest : public PlanTest, public ::testing::WithParamInterface<UsageCase> {};

TEST_P(AskForUsageTest, WithoutAKnowledgeBaseToo) {
  attached_ = false;
  EXPECT_EQ(chat(GetParam().body), GetParam().edited);
  EXPECT_EQ(plan_.placement, Placement::none);
  EXPECT_EQ(plan_.strip_usage_chunk, std::string_view(GetParam().body) != GetParam().edited);
}

INSTANTIATE_TEST_SUITE_P(
    Options, AskForUsageTest,
    ::testing::Values(
        UsageCase{"no_options", R"({"stream":true})",
                  R"({"stream_options":{"include_usage":true},"stream":true})"},
        UsageCase{"null_options", R"({"stream":true,"stream_options":null})",
                  R"({"stream":true,"stream_options":{"include_usage":true}})"},
        UsageCase{"empty_options", R"({"stream":true,"stream_options":{ }})",
                  R"({"stream":true,"stream_options":{"include_usage":true }})"},
        UsageCase{"other_options", R"({"stream":true,"stream_options":{"x":1}})",
                  R"({"stream":true,"stream_options":{"include_usage":true,"x":1}})"},
        UsageCase{"false_usage", R"({"stream":true,"stream_options":{"include_usage": false}})",
                  R"({"stream":true,"stream_options":{"include_usage": true}})"},
        UsageCase{"null_usage", R"({"stream":true,"stream_options":{"include_usage":null}})",
                  R"({"stream":true,"stream_options":{"include_usage":true}})"},
        UsageCase{"asked_already", R"({"stream":true,"stream_options":{"include_usage":true}})",
                  R"({"stream":true,"stream_options":{"include_usage":true}})"},
        UsageCase{"odd_usage", R"({"stream":true,"stream_options":{"include_usage":1}})",
                  R"({"stream":true,"stream_options":{"include_usage":1}})"},
        UsageCase{"odd_options", R"({"stream":true,"stream_options":7})",
                  R"({"stream":true,"stream_options":7})"},
        UsageCase{"no_stream", R"({"stream":false})", R"({"stream":false})"}),
    [](const auto& given) { return std::string(given.param.name); });

TEST_F(PlanTest, StreamingChatGetsAllThree) {
  EXPECT_EQ(chat(R"({"stream":true,"messages":[]})"),
            R"({"stream_options":{"include_usage":true},"prompt_cache_key":"0123",)"
            R"("stream":true,"messages":[{"role":"system","content":)"
            R"([{"type":"text","text":"K"}]}]})");
  EXPECT_TRUE(plan_.strip_usage_chunk);
}

TEST_F(PlanTest, UsageIsAskedForAlsoWhereTheKnowledgeBaseFindsNoPlace) {
  EXPECT_EQ(chat(R"({"stream":true})"),
            R"({"stream_options":{"include_usage":true},"stream":true})");
  EXPECT_EQ(plan_.placement, Placement::skipped_shape);
}

TEST_F(PlanTest, ResponsesStreamsCarryTheirUsageAnyway) {
  attached_ = false;
  cache_key_ = {};
  expect_untouched(Operation::responses, R"({"stream":true,"input":"x"})", Placement::none);
}

// --- OpenAI responses ---------------------------------------------------------------------------

TEST_F(PlanTest, ResponsesInputItems) {
  EXPECT_EQ(responses(R"({"input":[{"role":"user","content":"Hi"}]})"),
            R"({"prompt_cache_key":"0123","input":[{"role":"system","content":)"
            R"([{"type":"input_text","text":"K"}]},{"role":"user","content":"Hi"}]})");
}

TEST_F(PlanTest, ResponsesInputString) {
  explicit_breakpoints_ = true;
  EXPECT_EQ(responses(R"({"input": "Hi" })"),
            R"({"prompt_cache_key":"0123","input": [{"role":"developer","content":)"
            R"([{"type":"input_text","text":"K","prompt_cache_breakpoint":{"mode":"explicit"}}]},)"
            R"({"role":"user","content":"Hi"}] })");
}

TEST_F(PlanTest, ResponsesWithoutInput) {
  EXPECT_EQ(responses(R"({"prompt":{"id":"p"}})"),
            R"({"prompt_cache_key":"0123","input":[{"role":"system","content":)"
            R"([{"type":"input_text","text":"K"}]}],"prompt":{"id":"p"}})");
}

TEST_F(PlanTest, ResponsesEmptyRoot) {
  EXPECT_EQ(responses("{}"), R"({"prompt_cache_key":"0123","input":[{"role":"system","content":)"
                             R"([{"type":"input_text","text":"K"}]}]})");
}

TEST_F(PlanTest, StoredConversationsHaveItInFrontAlready) {
  for (const char* body : {R"({"input":"x","previous_response_id":"r"})", R"({"conversation":"c"})",
                           R"({"input":[],"conversation":{"id":"c"}})"}) {
    expect_untouched(Operation::responses, body, Placement::skipped_continuation);
  }
}

TEST_F(PlanTest, ResponsesInputNull) {
  expect_untouched(Operation::responses, R"({"input":null})", Placement::skipped_shape);
}

// --- Gemini -----------------------------------------------------------------------------------

TEST_F(PlanTest, GeminiWithoutInstruction) {
  layers_ = {"K", "L"};
  EXPECT_EQ(gemini(R"({"contents":[]})"),
            R"({"systemInstruction":{"parts":[{"text":"K"},{"text":"L"}]},"contents":[]})");
  EXPECT_EQ(plan_.placement, Placement::inserted_unmarked);
}

TEST_F(PlanTest, GeminiParts) {
  EXPECT_EQ(gemini(R"({"system_instruction":{"parts":[{"text":"S"}]}})"),
            R"({"system_instruction":{"parts":[{"text":"K"},{"text":"S"}]}})");
  EXPECT_EQ(gemini(R"({"systemInstruction":{"parts":[]}})"),
            R"({"systemInstruction":{"parts":[{"text":"K"}]}})");
}

TEST_F(PlanTest, GeminiInstructionWithoutParts) {
  EXPECT_EQ(gemini(R"({"systemInstruction":{}})"),
            R"({"systemInstruction":{"parts":[{"text":"K"}]}})");
  EXPECT_EQ(gemini(R"({"systemInstruction":{"role":"user"}})"),
            R"({"systemInstruction":{"parts":[{"text":"K"}],"role":"user"}})");
}

TEST_F(PlanTest, GeminiCachedContentExcludesAnInstruction) {
  expect_untouched(Operation::generate_content, R"({"cachedContent":"cachedContents/1"})",
                   Placement::skipped_cached_content);
}

TEST_F(PlanTest, GeminiInstructionOfAnotherShape) {
  for (const char* body : {R"({"systemInstruction":"S"})", R"({"systemInstruction":null})",
                           R"({"systemInstruction":{"parts":{"text":"S"}}})"}) {
    expect_untouched(Operation::generate_content, body, Placement::skipped_shape);
  }
}

// --- all ----------------------------------------------------------------------------------------

TEST_F(PlanTest, WithoutAKnowledgeBaseNothingIsEdited) {
  attached_ = false;
  expect_untouched(Operation::messages, R"({"system":"S"})", Placement::none);
  expect_untouched(Operation::generate_content, "{}", Placement::none);
}

TEST_F(PlanTest, WithoutLayersNothingIsEdited) {
  layers_.clear();
  expect_untouched(Operation::messages, R"({"system":"S"})", Placement::none);
}

TEST_F(PlanTest, LayersAreNeverCopied) {
  const std::string blob(1000, 'k');
  layers_ = {blob};
  messages(R"({"system":"S"})");
  EXPECT_TRUE(std::ranges::any_of(
      plan_.edits, [&](const Edit& edit) { return edit.insert.data() == layers_[0].data(); }));
}

TEST_F(PlanTest, APlanMayMove) {
  const std::string body = R"({"stream":true,"messages":[]})";
  const auto before = chat(body);
  const Plan moved = std::move(plan_);
  plan_ = Plan();
  EXPECT_EQ(to_string(splice(body, moved.edits)), before);
}

TEST_F(PlanTest, EveryPlacementHasAName) {
  EXPECT_EQ(name_of(Placement::none), "none");
  EXPECT_EQ(name_of(Placement::skipped_shape), "skipped_shape");
}

}  // namespace
}  // namespace foreword::assembler
