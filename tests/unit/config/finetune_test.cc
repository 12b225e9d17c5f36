#include "config/finetune.h"

#include <set>

#include <gtest/gtest.h>

namespace foreword::config {
namespace {

const FinetuneAssumption& named(std::string_view key) {
  for (const auto& assumption : finetune_assumptions()) {
    if (assumption.key == key) return assumption;
  }
  throw std::runtime_error(std::string(key));
}

TEST(Millionths, are_exact_or_refused) {
  EXPECT_EQ(parse_millionths("1.5"), 1'500'000);
  EXPECT_EQ(parse_millionths("0.000001"), 1);
  EXPECT_EQ(parse_millionths("999999999"), 999'999'999 * kOne);
  for (const auto* wrong : {"", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "0.0000001",
                            "1000000000", "1.2.3", " 1", "nan"}) {
    EXPECT_FALSE(parse_millionths(wrong)) << wrong;
  }
}

TEST(Millionths, are_written_as_they_are_read) {
  for (const auto* text : {"0", "1.5", "0.000001", "730", "999999999"}) {
    EXPECT_EQ(millionths_text(parse_millionths(text).value()), text);
  }
}

TEST(FinetuneAssumptions, have_keys_of_their_own_and_say_where_they_are_from) {
  std::set<std::string_view> keys;
  for (const auto& assumption : finetune_assumptions()) {
    EXPECT_TRUE(keys.insert(assumption.key).second) << assumption.key;
    EXPECT_FALSE(assumption.source.empty()) << assumption.key;
  }
}

TEST(FinetuneAssumptions, are_every_range_of_the_settings) {
  // `hardware` is text; everything else in the struct is a Range.
  EXPECT_EQ(sizeof(FinetuneSettings) - sizeof(FinetuneSettings::hardware),
            finetune_assumptions().size() * sizeof(Range));
}

TEST(FinetuneAssumptions, take_one_number_for_all_estimates) {
  FinetuneSettings settings;
  const std::vector<std::string> one{"2.25"};
  ASSERT_TRUE(set_assumption(named("gpu_usd_per_hour"), settings, one));
  EXPECT_EQ(settings.gpu_usd_per_hour, (Range{{2'250'000, 2'250'000, 2'250'000}}));
}

TEST(FinetuneAssumptions, go_from_cheap_to_dear) {
  FinetuneSettings settings;
  const std::vector<std::string> rising{"1", "2", "3"};
  const std::vector<std::string> falling{"3", "2", "1"};
  EXPECT_TRUE(set_assumption(named("gpu_usd_per_hour"), settings, rising));
  EXPECT_FALSE(set_assumption(named("gpu_usd_per_hour"), settings, falling));
  EXPECT_TRUE(set_assumption(named("gpu_output_tokens_per_second"), settings, falling));
  EXPECT_FALSE(set_assumption(named("gpu_output_tokens_per_second"), settings, rising));
}

TEST(FinetuneAssumptions, change_nothing_when_they_refuse) {
  FinetuneSettings settings;
  const auto before = settings.managed_cached_percent;
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{}, {"1", "2"}, {"101"}, {"x"}, {"1", "1", "1", "1"}}) {
    EXPECT_FALSE(set_assumption(named("managed_cached_percent"), settings, wrong));
  }
  EXPECT_EQ(settings.managed_cached_percent, before);
}

TEST(FinetuneAssumptions, have_no_machine_that_does_nothing) {
  FinetuneSettings settings;
  const std::vector<std::string> zero{"0"};
  EXPECT_FALSE(set_assumption(named("gpu_output_tokens_per_second"), settings, zero));
  EXPECT_FALSE(set_assumption(named("gpu_prompt_tokens_per_second"), settings, zero));
}

}  // namespace
}  // namespace foreword::config
