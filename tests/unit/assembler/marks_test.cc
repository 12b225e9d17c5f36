// Which markers are placed, and their golden bytes at every provider. K is the knowledge base's
// only layer.
#include "assembler/marks.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "unit/assembler/plan_check.h"

namespace foreword::assembler {
namespace {

using config::Operation;
using Wanted = std::vector<WantedMark>;

constexpr Ttl k5m = Ttl::minutes_5;
constexpr Ttl k1h = Ttl::hour_1;
constexpr Ttl k30m = Ttl::minutes_30;
constexpr Ttl k12h = Ttl::hours_12;

class MarksTest : public ::testing::Test {
 protected:
  std::string edited(Operation operation, const std::string& body) {
    auto scanned = testing::scan_exactly(operation, body);
    EXPECT_TRUE(scanned.has_value()) << body;
    if (!scanned) return "";
    const JoinedKnowledge joined(std::vector<NamedLayers>{{"handbook", layers_}});
    const KnowledgeView knowledge{joined.layers()};
    PlanRequest request;
    request.outline = &*scanned;
    request.knowledge = layers_.empty() ? nullptr : &knowledge;
    request.model.explicit_breakpoints = explicit_breakpoints_;
    request.marks = wanted_;
    request.most_knowledge_marks = most_knowledge_marks_;
    plan_ = plan(request);
    EXPECT_EQ(testing::check_plan(body, *scanned, request, plan_), "") << body;
    return to_string(splice(body, plan_.edits));
  }
  std::string messages(const std::string& body) { return edited(Operation::messages, body); }
  std::string chat(const std::string& body) { return edited(Operation::chat_completions, body); }
  std::string responses(const std::string& body) { return edited(Operation::responses, body); }

  const Wanted& placed(const std::string& body) {
    messages(body);
    return plan_.placed;
  }

  std::vector<std::string> layers_;
  Wanted wanted_;
  bool explicit_breakpoints_ = true;
  std::size_t most_knowledge_marks_ = 4;
  Plan plan_;
};

/// Text blocks in one message, `marks` of which carry "5", "1" (an hour) or " " (none).
std::string blocks(std::string_view marks, const std::string& more = "") {
  std::string body = R"({"messages":[{"role":"user","content":[)";
  for (const char mark : marks) {
    body += R"({"type":"text","text":"x")";
    if (mark == '5') body += R"(,"cache_control":{"type":"ephemeral"})";
    if (mark == '1') body += R"(,"cache_control":{"type":"ephemeral","ttl":"1h"})";
    body += "},";
  }
  body.back() = ']';
  return body + "}]" + more + "}";
}

const std::string kAutomatic5m = R"(,"cache_control":{"type":"ephemeral"})";
const std::string kAutomatic1h = R"(,"cache_control":{"type":"ephemeral","ttl":"1h"})";

// --- golden bytes --------------------------------------------------------------------------------

TEST_F(MarksTest, AnthropicToolSystemBlockAndMessageBlock) {
  wanted_ = {{0, k1h}, {1, k5m}, {2, k5m}};
  EXPECT_EQ(messages(R"({"tools":[{"name":"f"}],"system":[{"type":"text","text":"S" }],)"
                     R"("messages":[{"role":"user","content":[{"type":"image"}]}]})"),
            R"({"tools":[{"name":"f","cache_control":{"type":"ephemeral","ttl":"1h"}}],)"
            R"("system":[{"type":"text","text":"S" ,"cache_control":{"type":"ephemeral"}}],)"
            R"("messages":[{"role":"user","content":[{"type":"image",)"
            R"("cache_control":{"type":"ephemeral"}}]}]})");
  EXPECT_EQ(plan_.placed, wanted_);
}

TEST_F(MarksTest, AnthropicStringsBecomeBlocks) {
  wanted_ = {{0, k5m}, {1, k5m}};
  EXPECT_EQ(messages(R"({"system": "S" ,"messages":[{"role":"user","content":"x"}]})"),
            R"({"system": [{"type":"text","text":"S","cache_control":{"type":"ephemeral"}}] ,)"
            R"("messages":[{"role":"user","content":[{"type":"text","text":"x",)"
            R"("cache_control":{"type":"ephemeral"}}]}]})");
}

TEST_F(MarksTest, AnthropicSystemStringBehindAKnowledgeBase) {
  layers_ = {"K"};
  wanted_ = {{0, k5m}};
  EXPECT_EQ(messages(R"({"system":"S"})"),
            R"({"system":[{"type":"text","text":"K","cache_control":{"type":"ephemeral"}},)"
            R"({"type":"text","text":"S","cache_control":{"type":"ephemeral"}}]})");
}

TEST_F(MarksTest, ChatPartsAndStrings) {
  wanted_ = {{0, k30m}, {1, k12h}};
  EXPECT_EQ(chat(R"({"messages":[{"role":"system","content":"S"},)"
                 R"({"role":"user","content":[{"type":"text","text":"x"}]}]})"),
            R"({"messages":[{"role":"system","content":[{"type":"text","text":"S",)"
            R"("prompt_cache_breakpoint":{"mode":"explicit"}}]},)"
            R"({"role":"user","content":[{"type":"text","text":"x",)"
            R"("prompt_cache_breakpoint":{"mode":"explicit"}}]}]})");
  EXPECT_EQ(plan_.placed, (Wanted{{0, k30m}, {1, k30m}}));
}

TEST_F(MarksTest, ResponsesPartsAndStrings) {
  wanted_ = {{0, k12h}, {1, k30m}};
  EXPECT_EQ(responses(R"({"input":[{"role":"user","content":"x"},)"
                      R"({"role":"user","content":[{"type":"input_text","text":"y"}]}]})"),
            R"({"input":[{"role":"user","content":[{"type":"input_text","text":"x",)"
            R"("prompt_cache_breakpoint":{"mode":"explicit","ttl":"12h"}}]},)"
            R"({"role":"user","content":[{"type":"input_text","text":"y",)"
            R"("prompt_cache_breakpoint":{"mode":"explicit"}}]}]})");
}

TEST_F(MarksTest, ResponsesInputString) {
  wanted_ = {{0, k30m}};
  EXPECT_EQ(responses(R"({"input":"x"})"),
            R"({"input":[{"role":"user","content":[{"type":"input_text","text":"x",)"
            R"("prompt_cache_breakpoint":{"mode":"explicit"}}]}]})");
}

TEST_F(MarksTest, ResponsesInputStringBehindAKnowledgeBase) {
  layers_ = {"K"};
  wanted_ = {{0, k30m}};
  EXPECT_EQ(responses(R"({"input":"x"})"),
            R"({"input":[{"role":"developer","content":[{"type":"input_text","text":"K",)"
            R"("prompt_cache_breakpoint":{"mode":"explicit"}}]},)"
            R"({"role":"user","content":[{"type":"input_text","text":"x",)"
            R"("prompt_cache_breakpoint":{"mode":"explicit"}}]}]})");
}

TEST_F(MarksTest, ATimeIsNamedWhereTheRequestsOwnIsAnother) {
  wanted_ = {{0, k30m}, {1, k12h}};
  EXPECT_EQ(responses(R"({"prompt_cache_options":{"ttl":"12h"},"input":[)"
                      R"({"role":"user","content":[{"type":"input_image"},)"
                      R"({"type":"input_image"}]}]})"),
            R"({"prompt_cache_options":{"ttl":"12h"},"input":[)"
            R"({"role":"user","content":[{"type":"input_image",)"
            R"("prompt_cache_breakpoint":{"mode":"explicit","ttl":"30m"}},)"
            R"({"type":"input_image","prompt_cache_breakpoint":{"mode":"explicit"}}]}]})");
}

TEST_F(MarksTest, NoTimeIsNamedBesidePromptCacheRetention) {
  wanted_ = {{0, k12h}};
  EXPECT_EQ(responses(R"({"prompt_cache_retention":"24h","input":[)"
                      R"({"role":"user","content":[{"type":"input_image"}]}]})"),
            R"({"prompt_cache_retention":"24h","input":[)"
            R"({"role":"user","content":[{"type":"input_image",)"
            R"("prompt_cache_breakpoint":{"mode":"explicit"}}]}]})");
  EXPECT_EQ(plan_.placed, (Wanted{{0, k30m}}));
}

TEST_F(MarksTest, AKnowledgeBaseGoesInBehindTheBillingHeader) {
  layers_ = {"K"};
  wanted_ = {{0, k5m}, {1, k5m}};
  const std::string header =
      R"({"type":"text","text":"x-anthropic-billing-header: cc_version=2; cch=1;"})";
  EXPECT_EQ(messages(R"({"system":[)" + header + R"(, {"type":"text","text":"S"}]})"),
            R"({"system":[)" + header +
                R"(,{"type":"text","text":"K","cache_control":{"type":"ephemeral"}}, )"
                R"({"type":"text","text":"S","cache_control":{"type":"ephemeral"}}]})");
}

// --- what gets none ------------------------------------------------------------------------------

TEST_F(MarksTest, NothingIsMarkedThatMustNotBe) {
  wanted_ = {{0, k5m}, {1, k5m}, {2, k5m}, {3, k5m}, {9, k5m}};
  const std::string body =
      R"({"messages":[{"role":"user","content":[{"type":"thinking","thinking":"x"},)"
      R"({"type":"text","text":""},{"type":"text","text":"x","cache_control":null}]},)"
      R"({"role":"user","content":""}]})";
  EXPECT_EQ(messages(body), body);
  EXPECT_TRUE(plan_.placed.empty());
}

TEST_F(MarksTest, NothingInAThread) {
  wanted_ = {{0, k5m}};
  const auto body = blocks(" ", R"(,"thread":{"type":"create"})");
  EXPECT_EQ(messages(body), body);
}

TEST_F(MarksTest, NothingAtModelsWithoutBreakpoints) {
  explicit_breakpoints_ = false;
  wanted_ = {{0, k30m}};
  const std::string body = R"({"messages":[{"role":"user","content":"x"}]})";
  EXPECT_EQ(chat(body), body);
}

TEST_F(MarksTest, NothingAtGemini) {
  wanted_ = {{0, k5m}};
  const std::string body = R"({"contents":[{"role":"user","parts":[{"text":"x"}]}]})";
  EXPECT_EQ(edited(Operation::generate_content, body), body);
}

TEST_F(MarksTest, NoSegmentIsMarkedTwice) {
  wanted_ = {{0, k5m}, {0, k1h}};
  EXPECT_EQ(placed(blocks(" ")), (Wanted{{0, k5m}}));
}

// --- how many ------------------------------------------------------------------------------------

TEST_F(MarksTest, FourInAllTheMostWantedFirst) {
  wanted_ = {{5, k5m}, {4, k5m}, {0, k5m}, {2, k5m}};
  EXPECT_EQ(placed(blocks(" 5    ")), (Wanted{{0, k5m}, {4, k5m}, {5, k5m}}));
}

TEST_F(MarksTest, TheAutomaticOneCounts) {
  wanted_ = {{0, k5m}, {1, k5m}, {2, k5m}, {3, k5m}};
  EXPECT_EQ(placed(blocks("     ", kAutomatic5m)).size(), 3u);
}

TEST_F(MarksTest, AKnowledgeBaseTakesItsOwnFirst) {
  layers_ = {"K", "L", "M"};
  wanted_ = {{1, k5m}, {0, k5m}};
  EXPECT_EQ(placed(blocks("  ")), (Wanted{{1, k5m}}));
}

TEST_F(MarksTest, AKnowledgeBaseTakesNoMoreThanItMay) {
  layers_ = {"K", "L", "M"};
  most_knowledge_marks_ = 1;
  wanted_ = {{1, k5m}, {0, k5m}};
  EXPECT_EQ(placed(blocks("  ")).size(), 2u);
}

TEST_F(MarksTest, OpenAiTakesThreeBesideTheImplicitOne) {
  wanted_ = {{0, k30m}, {1, k30m}, {2, k30m}, {3, k30m}, {4, k30m}};
  const std::string items =
      R"("input":[{"role":"user","content":[{"type":"input_file"},{"type":"input_file"},)"
      R"({"type":"input_file"},{"type":"input_file"},{"type":"input_file"}]}]})";
  responses("{" + items);
  EXPECT_EQ(plan_.placed.size(), 3u);
  responses(R"({"prompt_cache_options":{"mode":"explicit"},)" + items);
  EXPECT_EQ(plan_.placed.size(), 4u);
}

TEST_F(MarksTest, OfManyLayersSomeLeaveNoRoomInOneWrite) {
  layers_ = std::vector<std::string>(24, "K");
  most_knowledge_marks_ = 0;
  wanted_ = {{0, k5m}, {1, k5m}, {2, k5m}, {3, k5m}};
  EXPECT_EQ(placed(R"({"system":"S","messages":[{"role":"user","content":"x"},)"
                   R"({"role":"user","content":"y"},{"role":"user","content":"z"}]})")
                .size(),
            1u);
}

// --- how long ------------------------------------------------------------------------------------

struct Times {
  const char* clients;
  Wanted wanted;
  Wanted expected;
};

class MarkTimesTest : public MarksTest, public ::testing::WithParamInterface<Times> {};

TEST_P(MarkTimesTest, AnHourNeverComesBehindFiveMinutes) {
  wanted_ = GetParam().wanted;
  EXPECT_EQ(placed(blocks(GetParam().clients)), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Marks, MarkTimesTest,
    ::testing::Values(Times{"   ", {{0, k1h}, {1, k5m}}, {{0, k1h}, {1, k5m}}},
                      Times{"   ", {{0, k5m}, {1, k1h}}, {{0, k5m}, {1, k5m}}},
                      Times{"5  ", {{1, k1h}}, {{1, k5m}}}, Times{"  1", {{0, k5m}}, {{0, k1h}}},
                      Times{"1 5 ", {{1, k1h}, {3, k1h}}, {{1, k1h}, {3, k5m}}},
                      Times{"5 1 ", {{1, k5m}, {3, k5m}}, {}},
                      Times{"  ", {{0, k12h}, {1, k30m}}, {{0, k1h}, {1, k5m}}}));

TEST_F(MarksTest, NothingGoesWhereTheAutomaticOneDoes) {
  wanted_ = {{0, k1h}, {1, k5m}, {2, k5m}};
  EXPECT_EQ(placed(blocks("   ", kAutomatic5m)), (Wanted{{0, k1h}, {1, k5m}}));
}

TEST_F(MarksTest, NothingInARequestWhoseAutomaticOneIsRefused) {
  wanted_ = {{0, k5m}, {1, k1h}};
  EXPECT_EQ(placed(blocks("  5", kAutomatic1h)), Wanted());
  EXPECT_EQ(placed(blocks("  1", kAutomatic5m)), Wanted());
}

TEST_F(MarksTest, AnHourOfTheAutomaticOneHoldsForAllInFront) {
  wanted_ = {{0, k5m}, {2, k1h}};
  EXPECT_EQ(placed(blocks("   ", kAutomatic1h)), (Wanted{{0, k1h}}));
}

TEST_F(MarksTest, TheAutomaticOneWalksBackOverWhatCannotBeMarked) {
  wanted_ = {{0, k5m}, {1, k5m}, {2, k5m}};
  EXPECT_EQ(placed(R"({"messages":[{"role":"user","content":[{"type":"image"},)"
                   R"({"type":"image"},{"type":"thinking"}]}])" +
                   kAutomatic1h + "}"),
            (Wanted{{0, k1h}}));
}

TEST_F(MarksTest, AKnowledgeBaseIsKeptAsLongAsWhatComesBehindIt) {
  layers_ = {"K"};
  wanted_ = {{0, k1h}};
  EXPECT_NE(messages(blocks(" ")).find(R"("K","cache_control":{"type":"ephemeral","ttl":"1h"})"),
            std::string::npos);
  EXPECT_EQ(plan_.placed, wanted_);
}

TEST_F(MarksTest, FiveMinutesOnAToolHoldForTheKnowledgeBaseToo) {
  layers_ = {"K"};
  wanted_ = {{0, k5m}, {1, k1h}};
  const auto text =
      messages(R"({"tools":[{"name":"f"}],"messages":[{"role":"user","content":"x"}]})");
  EXPECT_NE(text.find(R"("K","cache_control":{"type":"ephemeral"}})"), std::string::npos);
  EXPECT_EQ(plan_.placed, (Wanted{{0, k5m}, {1, k5m}}));
}

TEST_F(MarksTest, TheAutomaticOneMayLandOnTheKnowledgeBase) {
  layers_ = {"K"};
  EXPECT_NE(messages(R"({"messages":[])" + kAutomatic1h + "}")
                .find(R"("K","cache_control":{"type":"ephemeral","ttl":"1h"})"),
            std::string::npos);
}

}  // namespace
}  // namespace foreword::assembler
