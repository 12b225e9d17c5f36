#include "simulator/tokenizer.h"

#include <string>

#include <gtest/gtest.h>

namespace foreword::simulator {
namespace {

constexpr std::size_t kPieceBytes = 6;

std::size_t piece_bytes_of(config::Provider provider, std::string_view model) {
  return piece_bytes_for(*config::ModelTable::built_in().find(provider, model));
}

TEST(Tokenizer, CountsShortWordsAndMarksAsOneTokenEach) {
  EXPECT_EQ(count_tokens("The cat sat.", kPieceBytes), 4u);
}

TEST(Tokenizer, CutsLongWordsIntoPieces) {
  EXPECT_EQ(count_tokens("internationalisation", kPieceBytes), 4u);
}

TEST(Tokenizer, AnEmptyTextHasNoTokens) {
  EXPECT_EQ(count_tokens("", kPieceBytes), 0u);
}

TEST(Tokenizer, CountsWhatItCuts) {
  const std::string text = "Line one\n\n  and 12345 \xC3\xA4\xC3\xB6 {\"json\": [1, 2]}\t.";
  EXPECT_EQ(tokenize(text, kPieceBytes).size(), count_tokens(text, kPieceBytes));
}

TEST(Tokenizer, ACommonFrontHasCommonTokens) {
  const std::string front = "Shared words in front of all ";
  const auto one = tokenize(front + "alpha", kPieceBytes);
  const auto other = tokenize(front + "omega", kPieceBytes);
  const std::vector<Token> common = tokenize("Shared words in front of all", kPieceBytes);
  ASSERT_GE(one.size(), common.size());
  EXPECT_TRUE(std::equal(common.begin(), common.end(), one.begin()));
  EXPECT_TRUE(std::equal(common.begin(), common.end(), other.begin()));
}

TEST(Tokenizer, FirstTokensAreTheFrontOfTheText) {
  EXPECT_EQ(first_tokens("The cat sat.", 2, kPieceBytes), "The cat");
  EXPECT_EQ(first_tokens("The cat", 9, kPieceBytes), "The cat");
}

TEST(Tokenizer, NewerClaudeModelsCountAboutThirtyPercentMore) {
  const std::string prose =
      "Employees record their working hours every week, before Friday evening. Supervisors review "
      "the timesheet and approve it; corrections are possible until the following Monday. "
      "Questions "
      "about overtime, travel or leave belong to the responsible administrative officer.";
  const auto older =
      count_tokens(prose, piece_bytes_of(config::Provider::anthropic, "claude-haiku-4-5"));
  const auto newer =
      count_tokens(prose, piece_bytes_of(config::Provider::anthropic, "claude-opus-5"));
  const double ratio = static_cast<double>(newer) / static_cast<double>(older);
  EXPECT_GT(ratio, 1.2);
  EXPECT_LT(ratio, 1.45);
}

TEST(Tokenizer, TheMemoCountsLikeTheFunction) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "word " + std::to_string(i) + ", ";
  TokenMemo memo;
  const auto expected = count_tokens(text, kPieceBytes);
  EXPECT_EQ(memo.count(text, kPieceBytes), expected);
  EXPECT_EQ(memo.count(text, kPieceBytes), expected) << "the second time it is remembered";
}

TEST(Tokenizer, TheMemoKeepsTokenisersApart) {
  const std::string text(5000, 'x');
  TokenMemo memo;
  EXPECT_EQ(memo.count(text, 5), 1000u);
  EXPECT_EQ(memo.count(text, 10), 500u);
}

}  // namespace
}  // namespace foreword::simulator
