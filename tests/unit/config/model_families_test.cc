// Which models are shown to somebody who named none.
#include "config/model_families.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace foreword::config {
namespace {

TEST(ModelFamilies, AreNamesWithoutTheVersion) {
  EXPECT_EQ(family_of("claude-opus-5-5"), "claude-opus");
  EXPECT_EQ(family_of("gpt-6.2-sol"), "gpt-sol");
  EXPECT_EQ(family_of("gpt-4o-2024-05-13"), "gpt");
  EXPECT_EQ(family_of("gpt-4o-mini"), "gpt-mini");
  EXPECT_EQ(family_of("gemini-3.1-pro-preview"), "gemini-pro");
}

std::vector<std::string> shown() {
  std::vector<std::string> names;
  for (const auto* model : newest_of_families(ModelTable::built_in())) names.push_back(model->name);
  return names;
}

TEST(ModelFamilies, ShowTheNewestModelOfEach) {
  const auto names = shown();
  for (const auto* newest : {"claude-sonnet-5-5", "claude-fable-5-2", "gpt-6.2-sol", "gpt-5.5",
                             "gemini-4-argon", "gemini-3.8-flash"}) {
    EXPECT_TRUE(std::ranges::count(names, newest)) << newest;
  }
  for (const auto* older : {"claude-sonnet-5", "claude-fable-5-1", "gpt-6.1-sol", "gpt-4o",
                            "gemini-3.7-flash", "gemini-2.5-pro"}) {
    EXPECT_FALSE(std::ranges::count(names, older)) << older;
  }
}

TEST(ModelFamilies, LeaveOutWhatIsToBeSwitchedOff) {
  for (const auto* model : newest_of_families(ModelTable::built_in())) {
    EXPECT_TRUE(model->retires.empty()) << model->name;
  }
}

}  // namespace
}  // namespace foreword::config
