// [alias]: another name for a model is one line.
#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "config/load.h"
#include "support/temp_dir.h"

namespace foreword::config {
namespace {

class Alias : public testing::Test {
 protected:
  Alias() { request_.file = folder_.path() / "foreword.toml"; }
  Result<LoadedSettings> load(std::string_view text) {
    std::ofstream(*request_.file, std::ios::binary) << text;
    request_.environment = [](std::string_view name) -> std::optional<std::string> {
      return name == "HOME" ? std::optional<std::string>("/home/ann") : std::nullopt;
    };
    return load_settings(request_);
  }
  /// Where "support-model" leads.
  std::string model(std::string_view text) {
    const auto settings = load(text).value().settings;
    const auto* found = settings.model_of_alias("support-model");
    return found == nullptr ? "none" : *found;
  }
  std::string error(std::string_view text) {
    const auto loaded = load(text);
    if (loaded) return "none";
    auto message = loaded.error().message;
    const auto prefix = folder_.path().string() + "/";
    for (auto at = message.find(prefix); at != std::string::npos; at = message.find(prefix)) {
      message.erase(at, prefix.size());
    }
    return message;
  }

  test::TempDir folder_;
  LoadRequest request_;
};

TEST_F(Alias, stands_for_a_model) {
  EXPECT_EQ(model("[alias]\nsupport-model = \"claude-sonnet-5-5\"\n"), "claude-sonnet-5-5");
  EXPECT_EQ(model("[alias]\nother = \"claude-sonnet-5-5\"\n"), "none");
  EXPECT_EQ(model("[alias]\n"), "none");
}

TEST_F(Alias, may_stand_for_another_alias) {
  EXPECT_EQ(model("[alias]\nsupport-model = \"cheap\"\ncheap = \"claude-haiku-5-5\"\n"),
            "claude-haiku-5-5");
}

TEST_F(Alias, may_be_a_models_own_name) {
  const auto settings = load("[alias]\nclaude-opus-5 = \"claude-opus-5-5\"\n").value().settings;
  EXPECT_EQ(*settings.model_of_alias("claude-opus-5"), "claude-opus-5-5");
}

TEST_F(Alias, is_overridden_like_any_setting) {
  request_.overrides = {"alias.support-model=gpt-5.5"};
  EXPECT_EQ(model("[alias]\nsupport-model = \"claude-sonnet-5-5\"\n"), "gpt-5.5");
}

TEST_F(Alias, is_printed_with_its_origin) {
  const auto lines = load("[alias]\nsupport-model = \"gpt-5.5\"\n").value().lines;
  const auto line = std::ranges::find(lines, "alias.support-model", &SettingLine::key);
  ASSERT_NE(line, lines.end());
  EXPECT_EQ(line->value, "\"gpt-5.5\"");
}

TEST_F(Alias, that_leads_back_to_itself_is_an_error_at_its_line) {
  EXPECT_EQ(error("[alias]\na = \"b\"\nb = \"a\"\n"),
            "foreword.toml:2:1: alias.a leads back to itself: name a model at the end\n"
            "foreword.toml:3:1: alias.b leads back to itself: name a model at the end");
  EXPECT_NE(error("[alias]\na = \"a\"\n").find("leads back to itself"), std::string::npos);
}

TEST_F(Alias, for_a_model_that_no_table_has_is_an_error_at_its_line) {
  EXPECT_EQ(error("[alias]\nsupport-model = \"claude-sonet-5-5\"\n"),
            "foreword.toml:2:1: alias.support-model stands for a model that is in no price table; "
            "did you mean 'claude-sonnet-5-5'?");
}

TEST_F(Alias, may_stand_for_any_model_where_an_upstream_serves_its_own) {
  EXPECT_EQ(model("[upstream.local]\nprovider = \"openai\"\nbase_url = \"http://localhost:8000\"\n"
                  "[alias]\nsupport-model = \"llama-3.1-8b\"\n"),
            "llama-3.1-8b");
}

TEST_F(Alias, is_a_name_and_a_text) {
  for (const auto* line : {"support-model = 5", "support-model = \"a b\"", "support-model = \"\"",
                           "\"a\\\"b\" = \"gpt-5.5\"", "support-model = [\"gpt-5.5\"]"}) {
    EXPECT_NE(error("[alias]\n" + std::string(line) + "\n").find("has to be a name and a model"),
              std::string::npos)
        << line;
  }
}

}  // namespace
}  // namespace foreword::config
