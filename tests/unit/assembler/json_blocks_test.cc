#include "assembler/json_blocks.h"

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace foreword::assembler::json {
namespace {

/// What a mask says, as text: the bytes where it has a bit, and '.' elsewhere.
struct Masked {
  std::string quotes;
  std::string brackets;
  std::vector<int> counts;  // of opening and closing ones, block by block
  bool non_ascii = false;
  bool control = false;
  bool ends_in_string = false;
  bool ends_escaped = false;
  bool operator==(const Masked&) const = default;
};

std::string where(std::string_view bytes, std::uint64_t mask) {
  std::string text(bytes);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((mask >> i & 1) == 0) text[i] = '.';
  }
  return text;
}

/// Classifies in batches of `batch` blocks; the text is filled up with spaces.
Masked classify(const InstructionSet& set, std::string text, std::size_t batch = kBatchBlocks) {
  text.resize((text.size() + kBlockBytes - 1) / kBlockBytes * kBlockBytes, ' ');
  Masked result;
  BlockCarry carry;
  for (std::size_t at = 0; at < text.size();) {
    const auto blocks = std::min(batch, (text.size() - at) / kBlockBytes);
    BatchMasks masks;
    set.classify(text.data() + at, blocks, carry, masks);
    result.non_ascii |= masks.non_ascii;
    result.control |= masks.control;
    for (std::size_t i = 0; i < blocks; ++i, at += kBlockBytes) {
      const auto bytes = std::string_view(text).substr(at, kBlockBytes);
      const bool quoted = (masks.quote_blocks >> i & 1) != 0;
      const bool bracketed = (masks.bracket_blocks >> i & 1) != 0;
      result.quotes += where(bytes, quoted ? masks.quotes[i] : 0);
      result.brackets += where(bytes, bracketed ? masks.opening[i] | masks.closing[i] : 0);
      result.counts.push_back(bracketed ? masks.opening_count[i] : 0);
      result.counts.push_back(bracketed ? masks.closing_count[i] : 0);
    }
  }
  result.ends_in_string = carry.in_string != 0;
  result.ends_escaped = carry.escaped != 0;
  return result;
}

/// Byte by byte, as the grammar says: what the masks are judged by.
Masked by_the_grammar(std::string text) {
  text.resize((text.size() + kBlockBytes - 1) / kBlockBytes * kBlockBytes, ' ');
  Masked result;
  result.counts.resize(text.size() / kBlockBytes * 2);
  bool in_string = false;
  bool escaped = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool quote = c == '"' && !escaped;
    const bool opens = !in_string && (c == '[' || c == '{');
    const bool closes = !in_string && (c == ']' || c == '}');
    result.quotes += quote ? c : '.';
    result.brackets += opens || closes ? c : '.';
    result.counts[i / kBlockBytes * 2] += opens ? 1 : 0;
    result.counts[i / kBlockBytes * 2 + 1] += closes ? 1 : 0;
    const auto byte = static_cast<unsigned char>(c);
    result.non_ascii |= byte > 0x7f;
    result.control |= in_string && byte < 0x20;
    in_string = in_string != quote;
    escaped = c == '\\' && !escaped;
  }
  result.ends_in_string = in_string;
  result.ends_escaped = escaped;
  return result;
}

class InstructionSetTest : public ::testing::TestWithParam<const InstructionSet*> {
 protected:
  void expect_as_the_grammar_says(const std::string& text) {
    const auto expected = by_the_grammar(text);
    for (const std::size_t batch : {std::size_t{1}, std::size_t{3}, kBatchBlocks}) {
      EXPECT_EQ(classify(*GetParam(), text, batch), expected) << text;
    }
  }
};

TEST_P(InstructionSetTest, BracketsInStringsAreText) {
  const auto masked = classify(*GetParam(), R"({"a":"[]{}","b":[1,{}]})");
  EXPECT_EQ(masked.brackets.substr(0, 24), R"({...............[..{}]}.)");
  EXPECT_EQ(masked.counts, (std::vector<int>{3, 3}));
}

TEST_P(InstructionSetTest, RunsOfBackslashesOfAnyLengthAtAnyPlace) {
  for (std::size_t before = 0; before < 70; ++before) {
    for (std::size_t run = 0; run < 70; ++run) {
      expect_as_the_grammar_says("\"" + std::string(before, 'x') + std::string(run, '\\') +
                                 "\"[]\"{\"");
    }
  }
}

TEST_P(InstructionSetTest, BackslashesOverSeveralBlocks) {
  for (std::size_t run = 120; run < 140; ++run) {
    expect_as_the_grammar_says("[\"" + std::string(run, '\\') + "\"]");
  }
}

TEST_P(InstructionSetTest, ControlCharactersCountInsideOfStringsOnly) {
  for (std::size_t at = 0; at < 130; ++at) {
    std::string text = "\"" + std::string(130, 'x') + "\"";
    text[at + 1] = '\x1f';
    EXPECT_TRUE(classify(*GetParam(), text).control) << at;
    text[at + 1] = ' ';
    EXPECT_FALSE(classify(*GetParam(), text).control) << at;
    EXPECT_FALSE(classify(*GetParam(), std::string(at, ' ') + "\n\"x\"\t").control) << at;
  }
}

TEST_P(InstructionSetTest, BytesAboveAsciiAreNoticedAnywhere) {
  for (std::size_t at = 0; at < 128; ++at) {
    std::string text(128, 'x');
    EXPECT_FALSE(classify(*GetParam(), text).non_ascii);
    text[at] = '\x80';
    EXPECT_TRUE(classify(*GetParam(), text).non_ascii) << at;
  }
}

TEST_P(InstructionSetTest, AnyBytes) {
  constexpr std::string_view kBytes = "\"\"\"\\\\\\[]{}x ,:\n\xC3\x7f\x1f;=\x02\x5c\x3b\x3d";
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    std::string text(random() % 700, 'x');
    const auto kinds = random() % kBytes.size() + 1;
    for (char& c : text) c = kBytes[random() % kinds];
    expect_as_the_grammar_says(text);
  }
}

std::vector<const InstructionSet*> all_of_this_machine() {
  std::vector<const InstructionSet*> sets;
  while (const auto* set = instruction_set(sets.size())) sets.push_back(set);
  return sets;
}

INSTANTIATE_TEST_SUITE_P(Machine, InstructionSetTest, ::testing::ValuesIn(all_of_this_machine()),
                         [](const auto& set) { return std::string(set.param->name); });

TEST(InstructionSets, TheLastOneIsTheBest) {
  EXPECT_EQ(&best_instruction_set(), all_of_this_machine().back());
}

}  // namespace
}  // namespace foreword::assembler::json
