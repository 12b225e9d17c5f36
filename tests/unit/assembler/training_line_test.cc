// Golden lines of each training format.
#include "assembler/training_line.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace foreword::assembler {
namespace {

Turn says(Role role, std::string text) {
  return {role, std::move(text), {}, {}};
}

Example dialogue() {
  return {{says(Role::system, "Be brief."), says(Role::user, "Why \"so\"?\n"),
           says(Role::assistant, "How?"), says(Role::user, "Like this.")},
          says(Role::assistant, "Because."),
          ""};
}

std::string line(const Example& example, TrainingFormat format) {
  return training_line(example, format).value();
}

TEST(TrainingLines, OfOpenAi) {
  EXPECT_EQ(
      line(dialogue(), TrainingFormat::openai),
      R"({"messages":[{"role":"system","content":"Be brief."},)"
      R"({"role":"user","content":"Why \"so\"?\n"},{"role":"assistant","content":"How?"},)"
      R"({"role":"user","content":"Like this."},{"role":"assistant","content":"Because."}]})");
}

TEST(TrainingLines, OfOpenAiWithCallsOfFunctions) {
  Example example;
  example.prompt = {says(Role::user, "Rain?"),
                    {Role::assistant, "", {{"c1", "weather", R"({"days":0.5})"}}, {}},
                    {Role::tool, "dry", {}, "c1"}};
  example.answer = says(Role::assistant, "No.");
  example.tools = R"([{"type":"function","function":{"name":"weather"}}])";
  EXPECT_EQ(line(example, TrainingFormat::openai),
            R"({"messages":[{"role":"user","content":"Rain?"},{"role":"assistant",)"
            R"("tool_calls":[{"id":"c1","type":"function","function":{"name":"weather",)"
            R"("arguments":"{\"days\":0.5}"}}]},{"role":"tool","content":"dry",)"
            R"("tool_call_id":"c1"},{"role":"assistant","content":"No."}],)"
            R"("tools":[{"type":"function","function":{"name":"weather"}}]})");
}

TEST(TrainingLines, OfShareGpt) {
  EXPECT_EQ(line(dialogue(), TrainingFormat::sharegpt),
            R"({"system":"Be brief.","conversations":[{"from":"human","value":"Why \"so\"?\n"},)"
            R"({"from":"gpt","value":"How?"},{"from":"human","value":"Like this."},)"
            R"({"from":"gpt","value":"Because."}]})");
}

TEST(TrainingLines, OfBedrock) {
  EXPECT_EQ(line(dialogue(), TrainingFormat::bedrock),
            R"({"system":"Be brief.","messages":[{"role":"user","content":"Why \"so\"?\n"},)"
            R"({"role":"assistant","content":"How?"},{"role":"user","content":"Like this."},)"
            R"({"role":"assistant","content":"Because."}]})");
}

TEST(TrainingLines, JoinTurnsThatHaveToTakeTurns) {
  Example example;
  example.prompt = {says(Role::user, "A"), says(Role::user, "B")};
  example.answer = says(Role::assistant, "C");
  EXPECT_EQ(line(example, TrainingFormat::bedrock),
            R"({"messages":[{"role":"user","content":"A\n\nB"},)"
            R"({"role":"assistant","content":"C"}]})");
}

TEST(TrainingLines, PutAnAnswerBehindTheBeginningThatItWasGiven) {
  Example example;
  example.prompt = {says(Role::user, "A"), says(Role::assistant, "{\"x\":")};
  example.answer = says(Role::assistant, "1}");
  EXPECT_EQ(line(example, TrainingFormat::openai),
            R"({"messages":[{"role":"user","content":"A"},)"
            R"({"role":"assistant","content":"{\"x\":1}"}]})");
}

TEST(TrainingLines, HaveNoPlaceForCallsWhereTheFormatIsTextOnly) {
  auto example = dialogue();
  example.answer.calls.push_back({"c", "weather", "{}"});
  for (const auto format : {TrainingFormat::sharegpt, TrainingFormat::bedrock}) {
    EXPECT_EQ(training_line(example, format).error(), Unusable::no_place);
  }
}

TEST(TrainingLines, HaveNoPlaceForLateInstructionsOrForNoQuestion) {
  auto late = dialogue();
  late.prompt.push_back(says(Role::system, "Be long."));
  Example none;
  none.prompt = {says(Role::system, "Talk.")};
  none.answer = says(Role::assistant, "Hello.");
  for (const auto format : {TrainingFormat::sharegpt, TrainingFormat::bedrock}) {
    EXPECT_EQ(training_line(late, format).error(), Unusable::no_place);
    EXPECT_EQ(training_line(none, format).error(), Unusable::no_place);
  }
  EXPECT_TRUE(training_line(late, TrainingFormat::openai));
}

TEST(TrainingLines, AreOneLineOfJsonWhateverTheTextIs) {
  Example example;
  std::string every;
  for (int c = 0; c < 128; ++c) every += static_cast<char>(c);
  example.prompt = {says(Role::user, every + "\u2028 ü")};
  example.answer = says(Role::assistant, every);
  for (const auto format :
       {TrainingFormat::openai, TrainingFormat::sharegpt, TrainingFormat::bedrock}) {
    const auto text = line(example, format);
    EXPECT_EQ(text.find('\n'), std::string::npos);
    boost::system::error_code failed;
    boost::json::parse(text, failed);
    EXPECT_FALSE(failed) << text;
  }
}

TEST(TrainingFormats, HaveNamesThatAreRead) {
  for (const auto format :
       {TrainingFormat::openai, TrainingFormat::sharegpt, TrainingFormat::bedrock}) {
    EXPECT_EQ(parse_training_format(name_of(format)), format);
  }
  EXPECT_EQ(parse_training_format("alpaca"), std::nullopt);
}

}  // namespace
}  // namespace foreword::assembler
