// Another model's name in the place of the one that the body has, and not a byte more.
#include "assembler/rename_model.h"

#include <gtest/gtest.h>

#include "assembler/plan.h"
#include "assembler/splice.h"
#include "unit/assembler/plan_check.h"

namespace foreword::assembler {
namespace {

using config::Operation;

std::string renamed(const std::string& body, const std::string& model,
                    Operation operation = Operation::messages) {
  const auto outline = testing::scan_exactly(operation, body);
  if (!outline) return "not understood";
  Plan plan;
  rename_model(*outline, model, plan);
  return to_string(splice(body, plan.edits));
}

TEST(RenameModel, ReplacesTheValueAlone) {
  EXPECT_EQ(renamed(R"( {"a": 1.0, "model" : "support" ,"messages":[] } )", "claude-sonnet-5-5"),
            R"( {"a": 1.0, "model" : "claude-sonnet-5-5" ,"messages":[] } )");
  EXPECT_EQ(renamed(R"({"input":"model","model":"s\u0075pport"})", "gpt-5.5", Operation::responses),
            R"({"input":"model","model":"gpt-5.5"})");
}

TEST(RenameModel, LeavesABodyThatNamesNone) {
  EXPECT_EQ(renamed(R"({"messages":[]})", "m"), R"({"messages":[]})");
  EXPECT_EQ(renamed(R"({"model":null,"messages":[]})", "m"), R"({"model":null,"messages":[]})");
}

TEST(RenameModel, StandsAmongTheEditsOfAPlan) {
  const std::string body = R"({"stream":true,"model":"support","messages":[]})";
  const auto outline = testing::scan_exactly(Operation::chat_completions, body);
  ASSERT_TRUE(outline.has_value());
  PlanRequest request;
  request.outline = &*outline;
  request.cache_key = "key";
  auto planned = plan(request);
  const auto without = planned.edits.size();
  ASSERT_GT(without, 0u);
  rename_model(*outline, "gpt-5.5", planned);
  const auto text = to_string(splice(body, planned.edits));
  EXPECT_NE(text.find(R"("model":"gpt-5.5")"), std::string::npos) << text;
  EXPECT_EQ(planned.edits.size(), without + 1);
  EXPECT_TRUE(testing::scan_exactly(Operation::chat_completions, text).has_value());
}

}  // namespace
}  // namespace foreword::assembler
