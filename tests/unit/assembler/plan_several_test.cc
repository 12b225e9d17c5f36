#include <array>

#include <gtest/gtest.h>

#include "config/limits.h"
#include "unit/assembler/plan_check.h"

// Golden bytes of several knowledge bases: K and L are layers of "a", M is the one of "b".
namespace foreword::assembler {
namespace {

using config::Operation;

/// Openings and closings as they are in the body.
const std::string kStartA =
    R"(<knowledge_base_note>Several knowledge bases follow. A source names a document of the )"
    R"(knowledge base that it stands in, and what is superseded or removed in one is so in that )"
    R"(one only.</knowledge_base_note>\n<knowledge_base name=\"a\">\n)";
const std::string kStartB = R"(<knowledge_base name=\"b\">\n)";
const std::string kEnd = R"(</knowledge_base>\n)";
const std::string kMark = R"(,"cache_control":{"type":"ephemeral"})";

class PlanSeveralTest : public ::testing::Test {
 protected:
  std::string edited(Operation operation, const std::string& body) {
    const auto scanned = testing::scan_exactly(operation, body);
    EXPECT_TRUE(scanned.has_value()) << body;
    if (!scanned) return "";
    const KnowledgeView knowledge{joined_.layers()};
    PlanRequest request;
    request.outline = &*scanned;
    request.knowledge = &knowledge;
    request.cache_key = "0123";
    request.model.explicit_breakpoints = explicit_breakpoints_;
    const Plan made = plan(request);
    EXPECT_EQ(testing::check_plan(body, *scanned, request, made), "") << body;
    return to_string(splice(body, made.edits));
  }

  /// The blocks of all layers: `head`, a text, `mark`.
  static std::string blocks(const std::string& head, const std::string& mark) {
    return head + kStartA + R"(K")" + mark + "}," + head + "L" + kEnd + R"(")" + mark + "}," +
           head + kStartB + "M" + kEnd + R"(")" + mark + "}";
  }

  std::vector<std::string> first_ = {"K", "L"};
  std::vector<std::string> second_ = {"M"};
  JoinedKnowledge joined_{std::array{NamedLayers{"a", first_}, NamedLayers{"b", second_}}};
  bool explicit_breakpoints_ = false;
};

TEST_F(PlanSeveralTest, AnthropicWithoutSystem) {
  EXPECT_EQ(edited(Operation::messages, R"({"messages":[]})"),
            R"({"system":[)" + blocks(R"({"type":"text","text":")", kMark) + R"(],"messages":[]})");
}

TEST_F(PlanSeveralTest, AnthropicEmptySystemStringLendsItsQuotes) {
  EXPECT_EQ(edited(Operation::messages, R"({"system":""})"),
            R"({"system":[)" + blocks(R"({"type":"text","text":")", kMark) + "]}");
}

TEST_F(PlanSeveralTest, AnthropicSystemString) {
  EXPECT_EQ(edited(Operation::messages, R"({"system":"S"})"),
            R"({"system":[)" + blocks(R"({"type":"text","text":")", kMark) +
                R"(,{"type":"text","text":"S"}]})");
}

TEST_F(PlanSeveralTest, AnthropicSystemBlocks) {
  EXPECT_EQ(edited(Operation::messages, R"({"system":[{"type":"text","text":"S"}]})"),
            R"({"system":[)" + blocks(R"({"type":"text","text":")", kMark) +
                R"(,{"type":"text","text":"S"}]})");
}

TEST_F(PlanSeveralTest, Chat) {
  EXPECT_EQ(edited(Operation::chat_completions, R"({"messages":[]})"),
            R"({"prompt_cache_key":"0123","messages":[{"role":"system","content":[)" +
                blocks(R"({"type":"text","text":")", "") + R"(]}]})");
}

TEST_F(PlanSeveralTest, ResponsesWithExplicitBreakpoints) {
  explicit_breakpoints_ = true;
  EXPECT_EQ(edited(Operation::responses, R"({"input":[]})"),
            R"({"prompt_cache_key":"0123","input":[{"role":"developer","content":[)" +
                blocks(R"({"type":"input_text","text":")",
                       R"(,"prompt_cache_breakpoint":{"mode":"explicit"})") +
                R"(]}]})");
}

TEST_F(PlanSeveralTest, Gemini) {
  EXPECT_EQ(
      edited(Operation::generate_content, R"({"contents":[]})"),
      R"({"systemInstruction":{"parts":[)" + blocks(R"({"text":")", "") + R"(]},"contents":[]})");
}

/// Which of K, L and M are marked when the client has that many markers of its own.
class SeveralMarksTest : public PlanSeveralTest,
                         public ::testing::WithParamInterface<std::pair<int, const char*>> {};

TEST_P(SeveralMarksTest, TheLastOfAllFirstThenTheEndsOfBases) {
  const auto [taken, expected] = GetParam();
  std::string theirs;
  for (int i = 0; i < taken; ++i) theirs += R"(,{"cache_control":{"type":"ephemeral"}})";
  const auto text =
      edited(Operation::messages, R"({"system":[{"type":"text","text":"S"})" + theirs + "]}");
  std::string marked;
  for (const auto& [end, name] :
       {std::pair{std::string("K"), "K"}, std::pair{"L" + kEnd, "L"}, std::pair{"M" + kEnd, "M"}}) {
    if (text.find(end + R"(","cache_control")") != std::string::npos) marked += name;
  }
  EXPECT_EQ(marked, expected);
}

INSTANTIATE_TEST_SUITE_P(Markers, SeveralMarksTest,
                         ::testing::Values(std::pair{0, "KLM"}, std::pair{1, "KLM"},
                                           std::pair{2, "LM"}, std::pair{3, "M"},
                                           std::pair{4, ""}));

TEST(PlanOfManyTest, AsManyAsARequestMayHaveGoOutInOneWrite) {
  const std::vector<std::string> layers(config::limits::kMaxLayers, std::string(100, 'x'));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < config::limits::kMaxKbsPerRequest; ++i) {
    names.push_back("kb" + std::to_string(i));
  }
  std::vector<NamedLayers> bases;
  for (const auto& name : names) bases.push_back({name, layers});
  const JoinedKnowledge joined(bases);
  const KnowledgeView knowledge{joined.layers()};
  const std::string body = R"({"stream":true,"stream_options":{"include_usage":null},"input":"x",)"
                           R"("messages":[{"role":"user","content":"x"}],"system":""})";
  for (const auto operation : {Operation::messages, Operation::chat_completions,
                               Operation::responses, Operation::generate_content}) {
    const auto outline = testing::scan_exactly(operation, body);
    PlanRequest request;
    request.outline = &*outline;
    request.knowledge = &knowledge;
    request.cache_key = "0123";
    const Plan made = plan(request);
    EXPECT_EQ(testing::check_pieces(body, made.edits), "") << config::name_of(operation);
    EXPECT_GE(made.edits.size(), names.size() * layers.size());
  }
}

}  // namespace
}  // namespace foreword::assembler
