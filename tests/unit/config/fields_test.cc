#include "config/fields.h"

#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

namespace foreword::config {
namespace {

std::string example() {
  std::ostringstream text;
  text << std::ifstream(FOREWORD_EXAMPLE_FILE).rdbuf();
  return text.str();
}

TEST(SettingRows, have_keys_of_their_own) {
  std::set<std::string> keys;
  for (const auto& field : fields()) EXPECT_TRUE(keys.insert(field.key).second) << field.key;
}

TEST(SettingRows, say_of_each_setting_what_the_example_file_says) {
  const auto text = example();
  for (const auto& field : fields()) {
    EXPECT_NE(text.find("# " + field.doc + "\n"), std::string::npos) << field.key;
  }
  for (const auto& field : upstream_fields()) {
    EXPECT_NE(text.find("# " + field.doc + "\n"), std::string::npos) << field.key;
  }
}

TEST(SettingRows, take_their_own_default) {
  Settings settings;
  for (const auto& field : fields()) {
    EXPECT_TRUE(field.set(settings, field.get(Settings{}))) << field.key;
  }
}

TEST(SettingRows, change_nothing_when_they_refuse) {
  Settings settings;
  for (const auto& field : fields()) {
    const auto before = field.get(settings);
    const bool is_number = std::holds_alternative<std::int64_t>(before);
    const auto wrong = is_number ? Value{std::string("text")} : Value{std::int64_t{1}};
    EXPECT_FALSE(field.set(settings, wrong)) << field.key;
    EXPECT_EQ(field.get(settings), before) << field.key;
  }
}

TEST(SettingRows, of_numbers_and_waits_carry_their_unit) {
  for (const auto& field : fields()) {
    if (field.key.find("timeout") == std::string::npos &&
        field.key.find("interval") == std::string::npos) {
      continue;
    }
    EXPECT_TRUE(field.key.ends_with("_ms")) << field.key;
  }
}

}  // namespace
}  // namespace foreword::config
