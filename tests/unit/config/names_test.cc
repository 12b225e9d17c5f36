#include <gtest/gtest.h>

#include "config/provider.h"
#include "config/tokens.h"

namespace foreword::config {
namespace {

TEST(names, every_provider_reads_back) {
  for (const auto provider : {Provider::anthropic, Provider::openai, Provider::gemini}) {
    EXPECT_EQ(parse_provider(name_of(provider)), provider);
  }
}

TEST(names, every_operation_reads_back) {
  for (const auto operation : {Operation::other, Operation::messages, Operation::chat_completions,
                               Operation::responses, Operation::generate_content}) {
    EXPECT_EQ(parse_operation(name_of(operation)), operation);
  }
}

TEST(names, every_mode_reads_back) {
  for (const auto mode : {Mode::off, Mode::observe, Mode::optimize}) {
    EXPECT_EQ(parse_mode(name_of(mode)), mode);
  }
}

TEST(names, are_case_sensitive) {
  EXPECT_EQ(parse_mode("Observe"), std::nullopt);
}

TEST(names, unknown_ones_are_nothing) {
  EXPECT_EQ(parse_provider("azure"), std::nullopt);
}

TEST(names, a_number_from_a_newer_store_is_unknown_and_harmless) {
  EXPECT_EQ(name_of(static_cast<Operation>(200)), "unknown");
}

TEST(names, token_classes_are_those_of_the_price_table) {
  EXPECT_EQ(name_of(TokenClass::input), "input");
  EXPECT_EQ(name_of(TokenClass::cache_write_12h), "cache_write_12h");
  EXPECT_EQ(name_of(TokenClass::output), "output");
}

TEST(token_counts, the_prompt_is_everything_but_the_output) {
  TokenCounts counts;
  counts[TokenClass::input] = 1;
  counts[TokenClass::cache_read] = 10;
  counts[TokenClass::cache_write_1h] = 100;
  counts[TokenClass::output] = 1000;
  EXPECT_EQ(counts.prompt(), 111u);
  EXPECT_EQ(counts.total(), 1111u);
}

}  // namespace
}  // namespace foreword::config
