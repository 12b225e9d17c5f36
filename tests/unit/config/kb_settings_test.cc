#include <algorithm>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "config/fields.h"
#include "config/load.h"
#include "support/temp_dir.h"

namespace foreword::config {
namespace {

class KbSections : public testing::Test {
 protected:
  void file(std::string_view text) {
    std::ofstream(file_, std::ios::binary) << text;
    request_.file = file_;
  }
  void set(std::string assignment) { request_.overrides.push_back(std::move(assignment)); }

  Result<LoadedSettings> load() {
    request_.environment = [](std::string_view) { return std::optional<std::string>("/home/ann"); };
    return load_settings(request_);
  }
  KbSettings kb(std::string_view name) { return load().value().settings.kb_named(name); }

  /// The error with the file's folder taken out.
  std::string error() {
    const auto loaded = load();
    if (loaded) return "none";
    auto text = loaded.error().message;
    const auto prefix = folder_.path().string() + "/";
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
    return text;
  }

  SettingLine line(std::string_view key) {
    const auto loaded = load().value();
    const auto found = std::ranges::find(loaded.lines, key, &SettingLine::key);
    return found == loaded.lines.end() ? SettingLine{} : *found;
  }

  test::TempDir folder_;
  std::filesystem::path file_ = folder_.path() / "foreword.toml";
  LoadRequest request_;
};

TEST_F(KbSections, are_not_needed) {
  EXPECT_EQ(kb("handbook").name, "handbook");
  EXPECT_EQ(kb("handbook").layout, KbLayout::overlay);
  EXPECT_EQ(kb("handbook").max_stale_percent, 10u);
}

TEST_F(KbSections, say_what_they_name_and_leave_the_rest) {
  file("[kb.handbook]\nlayout = 'exact'\n");
  EXPECT_EQ(kb("handbook").layout, KbLayout::exact);
  EXPECT_EQ(kb("handbook").max_stale_percent, 10u);
  EXPECT_EQ(kb("policies").layout, KbLayout::overlay);
}

TEST_F(KbSections, take_lists) {
  file("[kb.handbook]\nmodels = ['claude-sonnet-5-5', 'gpt-5.2']\nattach_to = ['label:support']\n");
  EXPECT_EQ(kb("handbook").models, (std::vector<std::string>{"claude-sonnet-5-5", "gpt-5.2"}));
  EXPECT_EQ(kb("handbook").attach_to, (std::vector<std::string>{"label:support"}));
}

TEST_F(KbSections, take_dollars_exactly) {
  file(
      "[upstream.anthropic]\napi_key_env = 'KEY'\n[kb.handbook]\nkeep_warm_usd_per_day = '0.25'\n");
  EXPECT_EQ(kb("handbook").keep_warm_per_day, kPicodollarsPerDollar / 4);
  EXPECT_EQ(line("kb.handbook.keep_warm_usd_per_day").value, "\"0.25\"");
}

TEST_F(KbSections, refuse_what_is_no_amount_of_dollars) {
  for (const auto* amount : {"-1", "1e3", "0.1234567", "$1", "1000001"}) {
    file(std::string("[kb.handbook]\nkeep_warm_usd_per_day = '") + amount + "'\n");
    EXPECT_EQ(error(),
              "foreword.toml:2:1: kb.handbook.keep_warm_usd_per_day must be dollars like \"0.50\", "
              "at most a million")
        << amount;
  }
}

TEST_F(KbSections, refuse_to_keep_one_warm_without_a_key) {
  file("[kb.handbook]\nkeep_warm_usd_per_day = '1'\n");
  EXPECT_EQ(error(),
            "foreword.toml:2:1: kb.handbook.keep_warm_usd_per_day needs a key for requests of "
            "Foreword's own: set upstream.NAME.api_key_env");
}

TEST_F(KbSections, may_be_empty) {
  file("[kb]\n[kb.handbook]\n");
  EXPECT_EQ(error(), "none");
  EXPECT_EQ(line("kb.handbook.layout").value, "\"overlay\"");
}

TEST_F(KbSections, may_have_names_with_dots) {
  file("[kb.\"team.handbook\"]\nlayout = 'exact'\n");
  EXPECT_EQ(kb("team.handbook").layout, KbLayout::exact);
}

TEST_F(KbSections, are_overridden_by_set) {
  file("[kb.handbook]\nlayout = 'overlay'\n");
  set("kb.handbook.layout=exact");
  set("kb.team.handbook.max_stale_percent=5");
  set("kb.handbook.attach_to=['label:a', 'label:b']");
  EXPECT_EQ(kb("handbook").layout, KbLayout::exact);
  EXPECT_EQ(kb("handbook").attach_to.size(), 2u);
  EXPECT_EQ(kb("team.handbook").max_stale_percent, 5u);
}

TEST_F(KbSections, are_printed_by_name_with_their_origin) {
  file("[kb.policies]\nlayout = 'exact'\n[kb.handbook]\n");
  EXPECT_EQ(line("kb.policies.layout").origin, file_.string() + ":2");
  EXPECT_EQ(line("kb.policies.max_stale_percent").origin, "default");
  EXPECT_EQ(load().value().settings.kbs.front().name, "handbook");
}

TEST_F(KbSections, print_lists_as_toml) {
  set(R"(kb.handbook.attach_to=["label:a", "label:\"b\""])");
  EXPECT_EQ(line("kb.handbook.attach_to").value, R"(["label:a", "label:\"b\""])");
  EXPECT_EQ(line("kb.handbook.models").value, "[]");
}

TEST_F(KbSections, read_their_own_print_back) {
  set("kb.a.b.layout=exact");
  set("kb.a.b.models=['gpt-5.2', 'gpt-5.1']");
  const auto first = load().value().lines;
  request_.overrides.clear();
  for (const auto& printed : first) set(printed.key + "=" + printed.value);
  EXPECT_EQ(kb("a.b").layout, KbLayout::exact);
  EXPECT_EQ(kb("a.b").models, (std::vector<std::string>{"gpt-5.2", "gpt-5.1"}));
}

TEST_F(KbSections, refuse_an_unknown_key_and_suggest) {
  file("[kb.handbook]\n  layot = 'exact'\n");
  EXPECT_EQ(error(),
            "foreword.toml:2:3: unknown setting 'kb.handbook.layot'; did you mean "
            "'kb.handbook.layout'?");
}

TEST_F(KbSections, refuse_values_that_they_do_not_take) {
  file("[kb.handbook]\nlayout = 'exakt'\nmax_stale_percent = 51\nmodels = 'gpt-5.2'\n");
  EXPECT_EQ(error(),
            "foreword.toml:2:1: kb.handbook.layout must be \"overlay\" or \"exact\"\n"
            "foreword.toml:3:1: kb.handbook.max_stale_percent must be a whole number from 0 to 50\n"
            "foreword.toml:4:1: kb.handbook.models must be a list of names of models, like "
            "[\"claude-sonnet-5-5\"]");
}

TEST_F(KbSections, refuse_names_that_no_knowledge_base_can_have) {
  for (const auto* name : {"none", "'a b'", "'a/b'", "''", "'a+b'"}) {
    file("[kb." + std::string(name) + "]\nlayout = 'exact'\n");
    EXPECT_NE(error().find("foreword.toml:2:1: "), std::string::npos) << name;
    EXPECT_NE(error().find("cannot name a knowledge base"), std::string::npos) << name;
  }
}

TEST_F(KbSections, refuse_an_attachment_to_anything_but_a_label) {
  for (const auto* bad :
       {"support", "label:", "model:gpt-5.2", "label:a\\tb", "label:caf\\u00e9"}) {
    file("[kb.handbook]\nattach_to = ['label:a', \"" + std::string(bad) + "\"]\n");
    EXPECT_EQ(error(),
              "foreword.toml:2:1: kb.handbook.attach_to must be a list of labels of requests, like "
              "[\"label:support\"]")
        << bad;
  }
}

TEST_F(KbSections, refuse_a_model_that_is_not_in_the_table_and_suggest) {
  file("[kb.handbook]\nmodels = ['gpt-5.2', 'claude-sonet-5-5']\n");
  EXPECT_EQ(error(),
            "foreword.toml:2:1: kb.handbook.models has no known model as element 2; did you mean "
            "'claude-sonnet-5-5'?");
  file("[kb.handbook]\nmodels = ['hunter2']\n");
  EXPECT_EQ(error(),
            "foreword.toml:2:1: kb.handbook.models has no known model as element 1; "
            "config/models.json names them all");
}

TEST_F(KbSections, refuse_more_of_them_at_one_label_than_a_request_may_have) {
  for (std::size_t i = 0; i < limits::kMaxKbsPerRequest; ++i) {
    set("kb.kb" + std::to_string(i) + ".attach_to=['label:a', 'label:a']");
  }
  EXPECT_EQ(error(), "none");
  set("kb.one-more.attach_to=['label:b', 'label:a']");
  EXPECT_EQ(error(),
            "--set: kb.one-more.attach_to has a label that 8 knowledge bases are attached to "
            "already: a request takes no more");
}

TEST_F(KbSections, attach_all_that_name_a_label_in_order) {
  set("kb.policies.attach_to=['label:support', 'label:legal']");
  set("kb.handbook.attach_to=['label:support']");
  const auto settings = load().value().settings;
  EXPECT_EQ(settings.kbs_attached_to("support"),
            (std::vector<std::string>{"handbook", "policies"}));
  EXPECT_EQ(settings.kbs_attached_to("legal"), (std::vector<std::string>{"policies"}));
  EXPECT_TRUE(settings.kbs_attached_to("support2").empty());
  EXPECT_TRUE(settings.kbs_attached_to("").empty());
}

TEST_F(KbSections, know_what_attaches_a_knowledge_base) {
  set("proxy.kb=policies+handbook");
  set("kb.policies.attach_to=['label:legal']");
  const auto settings = load().value().settings;
  EXPECT_EQ(settings.keys_that_attach("handbook"), (std::vector<std::string>{"proxy.kb"}));
  EXPECT_EQ(settings.keys_that_attach("policies"),
            (std::vector<std::string>{"proxy.kb", "kb.policies.attach_to"}));
  EXPECT_TRUE(settings.keys_that_attach("other").empty());
}

TEST_F(KbSections, are_several_in_the_default_for_all_requests) {
  set("proxy.kb=handbook+policies");
  EXPECT_EQ(load().value().settings.proxy.kb, "handbook+policies");
  set("proxy.kb=handbook+none");
  EXPECT_NE(error().find("proxy.kb must be the name of a knowledge base, several joined by '+'"),
            std::string::npos);
}

/// The section of the example file that is commented out.
std::string example_section() {
  std::ostringstream example;
  example << std::ifstream(FOREWORD_EXAMPLE_FILE).rdbuf();
  std::istringstream lines(example.str());
  std::string section;
  constexpr std::string_view kComment = "#   ";
  for (std::string line; std::getline(lines, line);) {
    if (section.empty() && line.find("[kb.handbook]") == std::string::npos) continue;
    if (!line.starts_with(kComment)) break;
    section += line.substr(kComment.size()) + "\n";
  }
  return section;
}

TEST_F(KbSections, have_an_example_with_every_key_at_its_default) {
  file(example_section());
  const auto example = kb("handbook");
  for (const auto& field : kb_fields()) {
    EXPECT_EQ(field.get(example), field.get(KbSettings{})) << field.key;
    EXPECT_NE(line("kb.handbook." + field.key).origin, "default") << field.key;
    EXPECT_NE(example_section().find("# " + field.doc + "\n"), std::string::npos) << field.key;
  }
}

}  // namespace
}  // namespace foreword::config
