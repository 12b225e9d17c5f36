#include "proxy/cache_key.h"

#include <string>

#include <gtest/gtest.h>

#include "assembler/scan.h"

namespace foreword::proxy {
namespace {

using config::Operation;

/// Long enough to be cached, and not.
const std::string kLong(8000, 'x');
const std::string kShort(500, 'x');

std::string chat(const std::string& system, const std::string& question = "q",
                 const std::string& more = "") {
  return R"({"messages":[{"role":"system","content":")" + system +
         R"("},{"role":"user","content":")" + question + R"("}])" + more + "}";
}

class CacheKeyTest : public testing::Test {
 protected:
  std::string key(const std::string& body, Operation operation = Operation::chat_completions) {
    const auto outline = assembler::scan(operation, body).value();
    KeyedPrompt prompt;
    prompt.outline = &outline;
    prompt.body = body;
    prompt.model = known_ ? &model_ : nullptr;
    prompt.kb_key = kb_key_;
    prompt.scope = scope_;
    return choose_cache_key(prompt, affinity_, AffinityTime(std::chrono::seconds(1000)));
  }
  /// Uses up what the one key of this prompt takes.
  void fill(const std::string& body) {
    for (std::size_t i = 0; i < config::limits::kRequestsPerCacheKey; ++i) key(body);
  }

  Affinity affinity_;
  config::Model model_;
  bool known_ = true;
  std::string kb_key_;
  std::string scope_ = "openai";
};

TEST_F(CacheKeyTest, IsThatOfTheKnowledgeBase) {
  kb_key_ = "kb";
  EXPECT_EQ(key(chat(kShort)), "kb");
}

TEST_F(CacheKeyTest, OtherwiseNamesTheFrontOfThePrompt) {
  const auto one = key(chat(kLong, "q"));
  EXPECT_TRUE(one.starts_with("foreword-")) << one;
  EXPECT_EQ(key(chat(kLong, "another question")), one);
  EXPECT_NE(key(chat(kLong + "y")), one);
}

TEST_F(CacheKeyTest, ToolsBelongToTheFront) {
  const auto with = [](const std::string& tool) {
    return chat(kLong, "q", R"(,"tools":[{"name":")" + tool + R"("}])");
  };
  EXPECT_NE(key(with("a")), key(with("b")));
}

TEST_F(CacheKeyTest, InstructionsOfResponsesAreTheFront) {
  const auto asking = [](const std::string& question) {
    return R"({"instructions":")" + kLong + R"(","input":")" + question + R"("})";
  };
  const auto one = key(asking("a"), Operation::responses);
  EXPECT_FALSE(one.empty());
  EXPECT_EQ(key(asking("b"), Operation::responses), one);
}

TEST_F(CacheKeyTest, AFrontThatIsTooShortToBeCachedHasNone) {
  EXPECT_EQ(key(chat(kShort)), "");
}

TEST_F(CacheKeyTest, WhatOnlyOneConversationSaysIsNoFront) {
  EXPECT_EQ(key(R"({"messages":[{"role":"user","content":")" + kLong + R"("}]})"), "");
}

TEST_F(CacheKeyTest, AClientsOwnKeyIsLeftAlone) {
  kb_key_ = "kb";
  EXPECT_EQ(key(chat(kLong, "q", R"(,"prompt_cache_key":"mine")")), "");
  EXPECT_EQ(key(chat(kLong, "q", R"(,"prompt_cache_key":null)")), "");
}

TEST_F(CacheKeyTest, AStoredConversationHasNone) {
  EXPECT_EQ(key(R"({"previous_response_id":"r","instructions":")" + kLong + R"("})",
                Operation::responses),
            "");
}

TEST_F(CacheKeyTest, OtherProvidersHaveNone) {
  kb_key_ = "kb";
  EXPECT_EQ(key(R"({"messages":[]})", Operation::messages), "");
}

TEST_F(CacheKeyTest, WhereAKeyIsOptionalOnlyAKnowledgeBaseHasOne) {
  model_.explicit_breakpoints = true;
  EXPECT_EQ(key(chat(kLong)), "");
  kb_key_ = "kb";
  EXPECT_EQ(key(chat(kLong)), "kb");
}

TEST_F(CacheKeyTest, AModelThatIsNotInTheTableGetsOnlyThatOfAKnowledgeBase) {
  known_ = false;
  EXPECT_EQ(key(chat(kLong)), "");
  kb_key_ = "kb";
  EXPECT_EQ(key(chat(kLong)), "kb");
}

TEST_F(CacheKeyTest, ABusyPrefixGetsSeveral) {
  kb_key_ = "kb";
  fill(chat(kShort));
  EXPECT_EQ(key(chat(kShort)), "kb-1");
}

TEST_F(CacheKeyTest, OfABusyPrefixStaysOneWhereItRoutesNothing) {
  kb_key_ = "kb";
  model_.explicit_breakpoints = true;
  fill(chat(kShort));
  EXPECT_EQ(key(chat(kShort)), "kb");
}

TEST_F(CacheKeyTest, AccountsDoNotCrowdEachOther) {
  kb_key_ = "kb";
  fill(chat(kShort));
  scope_ = "openai\nBearer another";
  EXPECT_EQ(key(chat(kShort)), "kb");
}

}  // namespace
}  // namespace foreword::proxy
