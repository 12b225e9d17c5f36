// What an upstream refuses stays out, and everything else goes in as before.
#include <string>

#include <gtest/gtest.h>

#include "assembler/plan.h"
#include "unit/assembler/plan_check.h"

namespace foreword::assembler {
namespace {

using config::Operation;

const std::string kStream = R"({"stream":true,"messages":[{"role":"user","content":"q"}]})";

class PlanLeaveOutTest : public ::testing::Test {
 protected:
  std::string without(Addition addition, Operation operation, const std::string& body) {
    PlanRequest request;
    request.leave_out.add(addition);
    return edited(request, operation, body);
  }
  std::string edited(PlanRequest request, Operation operation, const std::string& body) {
    const std::vector<std::string> layers = {"K"};
    const JoinedKnowledge joined(std::vector<NamedLayers>{{"handbook", layers}});
    const KnowledgeView knowledge{joined.layers()};
    const auto outline = testing::scan_exactly(operation, body);
    request.outline = &*outline;
    request.knowledge = &knowledge;
    request.cache_key = "0123";
    request.model.explicit_breakpoints = true;
    plan_ = plan(request);
    EXPECT_EQ(testing::check_plan(body, *outline, request, plan_), "") << body;
    return to_string(splice(body, plan_.edits));
  }
  Plan plan_;
};

TEST_F(PlanLeaveOutTest, BreakpointsOfAnthropic) {
  EXPECT_EQ(without(Addition::breakpoints, Operation::messages, R"({"messages":[]})"),
            R"({"system":[{"type":"text","text":"K"}],"messages":[]})");
  EXPECT_EQ(plan_.placement, Placement::inserted_unmarked);
}

TEST_F(PlanLeaveOutTest, BreakpointsOfOpenAi) {
  EXPECT_EQ(without(Addition::breakpoints, Operation::responses, R"({"input":[]})"),
            R"({"prompt_cache_key":"0123","input":[{"role":"developer","content":[)"
            R"({"type":"input_text","text":"K"}]}]})");
}

TEST_F(PlanLeaveOutTest, TheCacheKey) {
  EXPECT_EQ(without(Addition::cache_key, Operation::responses, R"({"input":[]})").find("0123"),
            std::string::npos);
}

TEST_F(PlanLeaveOutTest, TheQuestionForUsage) {
  EXPECT_EQ(without(Addition::usage, Operation::chat_completions, kStream).find("usage"),
            std::string::npos);
  EXPECT_FALSE(plan_.strip_usage_chunk);
}

TEST_F(PlanLeaveOutTest, TheDeveloperRole) {
  EXPECT_NE(without(Addition::developer_role, Operation::chat_completions, kStream)
                .find(R"([{"role":"system","content":[{"type":"text","text":"K")"),
            std::string::npos);
}

TEST_F(PlanLeaveOutTest, TheKnowledgeBase) {
  for (const auto operation : {Operation::messages, Operation::generate_content}) {
    EXPECT_EQ(without(Addition::knowledge, operation, R"({"model":"m"})"), R"({"model":"m"})");
    EXPECT_EQ(plan_.placement, Placement::refused);
  }
}

TEST_F(PlanLeaveOutTest, AllOfItLeavesTheClientsBytes) {
  PlanRequest bare;
  for (const Addition addition : kAllAdditions) bare.leave_out.add(addition);
  EXPECT_EQ(edited(bare, Operation::chat_completions, kStream), kStream);
}

TEST_F(PlanLeaveOutTest, APlanSaysWhatItAdds) {
  edited({}, Operation::chat_completions, kStream);
  for (const Addition addition : kAllAdditions) EXPECT_TRUE(plan_.added.has(addition));
  EXPECT_TRUE(plan_.clients_own.empty());
}

TEST_F(PlanLeaveOutTest, APlanSaysWhatTheClientNamesItself) {
  edited({}, Operation::messages,
         R"({"system":[{"type":"text","text":"S","cache_control":{"type":"ephemeral"}}]})");
  EXPECT_TRUE(plan_.clients_own.has(Addition::breakpoints));
  EXPECT_TRUE(plan_.clients_own.has(Addition::knowledge));
  edited({}, Operation::chat_completions,
         R"({"stream":true,"stream_options":{},"messages":[{"role":"developer","content":"S"}]})");
  EXPECT_TRUE(plan_.clients_own.has(Addition::usage));
  EXPECT_FALSE(plan_.added.has(Addition::developer_role));
}

}  // namespace
}  // namespace foreword::assembler
