// The positions of a prompt, and the breakpoints at them.
#include "assembler/prompt_path.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "assembler/scan.h"
#include "support/anthropic_terms.h"

namespace foreword::assembler {
namespace {

using config::Lifetime;
using config::Mark;
using config::Operation;
using config::PrefixKind;
using Marks = std::vector<Mark>;

constexpr config::Hash128 kSeed{1, 2};
/// Two bytes a token; texts of 4,000 tokens.
class PromptPathTest : public testing::Test {
 protected:
  void messages(const std::string& members) { scan_as(Operation::messages, members); }
  void chat(const std::string& members) { scan_as(Operation::chat_completions, members); }
  void scan_as(Operation operation, const std::string& members) {
    outline_ = scan(operation, "{" + members + "}").value();
  }
  void layers(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      // The last one is marked first.
      layers_.push_back({{9, i}, 3000, i + 1 == count ? 0 : i + 1});
    }
  }
  [[nodiscard]] PromptPath path() const { return prompt_path(outline_, layers_, kSeed, 2); }

  static std::string text(char c = 'a') { return std::string(8000, c); }
  static std::string block(char c, const std::string& more = "") {
    return R"({"type":"text","text":")" + text(c) + "\"" + more + "}";
  }
  static std::string turns(const std::string& blocks) {
    return R"("messages":[{"role":"user","content":[)" + blocks + "]}]";
  }
  static inline const std::string kMark = R"(,"cache_control":{"type":"ephemeral"})";
  static inline const std::string kMark1h = R"(,"cache_control":{"type":"ephemeral","ttl":"1h"})";

  /// All positions are used again soon with that chance.
  void expect(double soon) {
    outlook_.runs = {{static_cast<std::uint32_t>(path().prefixes.size()), soon, 0, 0}};
  }
  void warm(std::uint32_t position, Lifetime lifetime = Lifetime::brief) {
    outlook_.seen = position;
    outlook_.warm = config::Outlook::Entry{position, lifetime, {}, {}};
  }
  [[nodiscard]] WantedMarks wanted() const {
    return wanted_marks(path(), outline_, outlook_, test::kAnthropicTerms);
  }
  [[nodiscard]] Marks sent(const Plan& plan = {}) const {
    return marks_sent(path(), outline_, layers_, plan);
  }

  Outline outline_;
  std::vector<PathLayer> layers_;
  config::Outlook outlook_;
};

TEST_F(PromptPathTest, CountsTokensFromTheFront) {
  messages(R"("system":")" + text() + "\"," + turns(block('b')));
  const auto prefixes = path().prefixes;
  ASSERT_EQ(prefixes.size(), 2u);
  EXPECT_EQ(prefixes[0].tokens, 4000u);
  EXPECT_EQ(prefixes[1].tokens, 8000u);
  EXPECT_EQ(prefixes[0].kind, PrefixKind::head);
  EXPECT_EQ(prefixes[1].kind, PrefixKind::body);
}

TEST_F(PromptPathTest, CountsAPictureForMoreThanItsBytes) {
  messages(turns(R"({"type":"image","source":{"type":"url","url":"u"}})"));
  EXPECT_GE(path().prefixes.back().tokens, 1600u);
}

TEST_F(PromptPathTest, PutsAKnowledgeBaseBehindTheTools) {
  messages(R"("tools":[{"name":"t"}],"system":"S",)" + turns(block('b')));
  layers(2);
  const auto with = path();
  EXPECT_EQ(with.before, 1u);
  EXPECT_EQ(with.knowledge_end(), 3u);
  EXPECT_EQ(with.prefixes[2].tokens - with.prefixes[0].tokens, 6000u);
  EXPECT_EQ(with.position_of(0), 1u);
  EXPECT_EQ(with.position_of(1), 4u);
  EXPECT_EQ(with.segment_at(1), 0u);
  EXPECT_EQ(with.segment_at(2), std::nullopt);
  EXPECT_EQ(with.segment_at(4), 1u);
}

TEST_F(PromptPathTest, LeavesClaudeCodesHeaderInFrontOfAKnowledgeBase) {
  messages(R"("system":[{"type":"text","text":"x-anthropic-billing-header: a"},)" + block('s') +
           "]," + turns(block('b')));
  layers(1);
  EXPECT_EQ(path().before, 1u);
}

TEST_F(PromptPathTest, OfOneKnowledgeBaseBeginsTheSameInEveryPrompt) {
  layers(2);
  messages(turns(block('a')));
  const auto first = path().prefixes;
  messages(R"("system":"S",)" + turns(block('b')));
  const auto second = path().prefixes;
  EXPECT_EQ(first[1].hash, second[1].hash);
  EXPECT_NE(first[2].hash, second[2].hash);
}

TEST_F(PromptPathTest, DiffersWithTheLayersFromTheFirstThatDiffers) {
  messages(turns(block('a')));
  layers(2);
  const auto before = path().prefixes;
  layers_[1].hash = {7, 7};
  const auto after = path().prefixes;
  EXPECT_EQ(before[0].hash, after[0].hash);
  EXPECT_NE(before[1].hash, after[1].hash);
  EXPECT_NE(before[2].hash, after[2].hash);
}

TEST_F(PromptPathTest, StandsInFrontOfAllMessagesAtOpenAi) {
  chat(R"("tools":[{"t":1}],"messages":[{"role":"system","content":"S"}])");
  layers(1);
  EXPECT_EQ(path().before, 1u);
}

TEST_F(PromptPathTest, WantsAMarkWhereItProbablyPays) {
  messages(turns(block('a') + "," + block('b')));
  expect(0.9);
  EXPECT_EQ(wanted().marks, (std::vector<WantedMark>{{1, Ttl::minutes_5}}));
  expect(0.1);
  EXPECT_TRUE(wanted().marks.empty());
}

TEST_F(PromptPathTest, LeavesTheKnowledgeBaseOneMarkAtLeast) {
  messages(turns(block('a') + "," + block('b') + "," + block('c') + "," + block('d') + "," +
                 block('e')));
  layers(3);
  expect(0.9);
  warm(5);
  for (std::uint32_t p = 4; p < 8; ++p) outlook_.partings.push_back({p, 0.5});
  EXPECT_LE(wanted().marks.size(), 3u);
  EXPECT_EQ(wanted().most_knowledge_marks, 4 - wanted().marks.size());
}

TEST_F(PromptPathTest, GivesTheKnowledgeBaseAllMarksThatNobodyElseWants) {
  messages(turns(block('a')));
  layers(3);
  expect(0.05);
  EXPECT_TRUE(wanted().marks.empty());
  EXPECT_EQ(wanted().most_knowledge_marks, 4u);
}

TEST_F(PromptPathTest, WantsNothingWhereTheClientTookAllMarks) {
  messages(turns(block('a', kMark) + "," + block('b', kMark) + "," + block('c', kMark) + "," +
                 block('d', kMark) + "," + block('e')));
  expect(0.9);
  EXPECT_TRUE(wanted().marks.empty());
}

TEST_F(PromptPathTest, KeepsAKnowledgeBaseLongOnlyOnceThereWasAUseBefore) {
  messages(turns(R"({"type":"text","text":"?"})"));
  layers(1);
  outlook_.runs = {{1, 0.1, 3, 6}, {2, 0, 0, 0}};
  EXPECT_FALSE(wanted().knowledge_long);
  outlook_.seen = 1;
  EXPECT_TRUE(wanted().knowledge_long);
}

TEST_F(PromptPathTest, KeepsTheTimeOfAKnowledgeBaseThatIsWarm) {
  messages(turns(R"({"type":"text","text":"?"})"));
  layers(1);
  expect(0.9);
  warm(1, Lifetime::extended);
  EXPECT_TRUE(wanted().knowledge_long);
  warm(1, Lifetime::brief);
  EXPECT_FALSE(wanted().knowledge_long);
}

TEST_F(PromptPathTest, SaysWhereTheEndIsNotWorthItsWrite) {
  messages(turns(block('a') + "," + block('b')));
  outlook_.runs = {{1, 0.9, 0, 0}, {2, 0.05, 0, 0}};
  EXPECT_TRUE(wanted().only_marked);
  expect(0.9);
  EXPECT_FALSE(wanted().only_marked);
  outlook_.may_try = false;  // too many that nothing came of: its chance is not believed
  EXPECT_TRUE(wanted().only_marked);
}

TEST_F(PromptPathTest, SendsTheClientsMarksAndOurs) {
  messages(turns(block('a', kMark1h) + "," + block('b') + "," + block('c', kMark)));
  Plan plan;
  plan.placed = {{1, Ttl::hour_1}};
  EXPECT_EQ(sent(plan),
            (Marks{{1, Lifetime::extended}, {2, Lifetime::extended}, {3, Lifetime::brief}}));
}

TEST_F(PromptPathTest, SendsTheLayersMarksOfTheFirstRanks) {
  messages(turns(block('a')));
  layers(3);
  Plan plan;
  plan.knowledge_marks = 2;
  plan.knowledge_long = true;
  EXPECT_EQ(sent(plan), (Marks{{1, Lifetime::extended}, {3, Lifetime::extended}}));
}

TEST_F(PromptPathTest, SendsTheMarkThatTopLevelCacheControlStandsFor) {
  messages(R"("cache_control":{"type":"ephemeral","ttl":"1h"},)" +
           turns(block('a') + "," + block('b')));
  EXPECT_EQ(sent(), (Marks{{2, Lifetime::extended}}));
}

TEST_F(PromptPathTest, SendsOpenAisOwnMarkAtTheEnd) {
  chat(R"("messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}])");
  Plan plan;
  plan.implicit_mark = true;
  EXPECT_EQ(sent(plan), (Marks{{2, Lifetime::brief}}));
}

}  // namespace
}  // namespace foreword::assembler
