#include "config/load.h"

#include <algorithm>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace foreword::config {
namespace {

class Load : public testing::Test {
 protected:
  void file(std::string_view text) {
    std::ofstream(file_, std::ios::binary) << text;
    request_.file = file_;
  }
  void set(std::string assignment) { request_.overrides.push_back(std::move(assignment)); }

  Result<LoadedSettings> load() {
    request_.environment = [this](std::string_view name) -> std::optional<std::string> {
      const auto found = environment_.find(std::string(name));
      if (found == environment_.end()) return std::nullopt;
      return found->second;
    };
    return load_settings(request_);
  }
  Settings settings() { return load().value().settings; }

  /// The error with the file's folder taken out: "foreword.toml:3:1: ...".
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
  bool error_says(std::string_view words) { return error().find(words) != std::string::npos; }

  SettingLine line(std::string_view key) {
    const auto loaded = load().value();
    return *std::ranges::find(loaded.lines, key, &SettingLine::key);
  }

  test::TempDir folder_;
  std::filesystem::path file_ = folder_.path() / "foreword.toml";
  LoadRequest request_;
  std::map<std::string, std::string> environment_ = {{"HOME", "/home/ann"}};
};

// --- without a file
// -------------------------------------------------------------------------------

TEST_F(Load, without_a_file_listens_on_loopback) {
  EXPECT_EQ(settings().proxy.listen, (Endpoint{"127.0.0.1", 8787}));
  EXPECT_EQ(settings().admin.listen, (Endpoint{"127.0.0.1", 8788}));
}

TEST_F(Load, without_a_file_has_the_three_public_upstreams) {
  const auto upstreams = settings().upstreams;
  ASSERT_EQ(upstreams.size(), 3u);
  EXPECT_EQ(to_text(upstreams[0].base_url), "https://api.anthropic.com");
  EXPECT_EQ(to_text(upstreams[1].base_url), "https://api.openai.com");
  EXPECT_EQ(to_text(upstreams[2].base_url), "https://generativelanguage.googleapis.com");
}

TEST_F(Load, puts_the_store_under_the_home_folder) {
  EXPECT_EQ(settings().store.path, "/home/ann/.local/share/foreword");
}

TEST_F(Load, puts_the_store_under_the_data_home_when_there_is_one) {
  environment_["XDG_DATA_HOME"] = "/data";
  EXPECT_EQ(settings().store.path, "/data/foreword");
}

TEST_F(Load, ignores_a_data_home_that_is_relative) {
  environment_["XDG_DATA_HOME"] = "data";
  EXPECT_EQ(settings().store.path, "/home/ann/.local/share/foreword");
}

TEST_F(Load, without_any_home_asks_for_the_stores_path) {
  environment_.clear();
  EXPECT_TRUE(error_says("store.path has no default"));
  set("store.path=/srv/foreword");
  EXPECT_EQ(settings().store.path, "/srv/foreword");
}

TEST_F(Load, works_without_an_environment_to_ask) {
  set("store.path=/srv/foreword");
  EXPECT_TRUE(load_settings(request_));
}

// --- from a file
// ----------------------------------------------------------------------------------

TEST_F(Load, takes_what_the_file_names_and_leaves_the_rest) {
  file("[proxy]\nlisten = '[::1]:0'\nmode = 'observe'\n[store]\npath = 'here'\n");
  const auto loaded = settings();
  EXPECT_EQ(loaded.proxy.listen, (Endpoint{"::1", 0}));
  EXPECT_EQ(loaded.proxy.mode, Mode::observe);
  EXPECT_EQ(loaded.store.path, "here");
  EXPECT_EQ(loaded.proxy.max_connections, limits::kMaxConnections);
}

TEST_F(Load, reads_waits_in_milliseconds) {
  file("[proxy]\nfirst_byte_timeout_ms = 1500\n");
  EXPECT_EQ(settings().proxy.first_byte_timeout, std::chrono::milliseconds(1500));
}

TEST_F(Load, takes_an_empty_file_and_empty_sections) {
  file("[proxy]\n[upstream]\n[log]\n");
  EXPECT_EQ(error(), "none");
}

TEST_F(Load, refuses_a_file_that_is_not_there) {
  request_.file = file_;
  EXPECT_EQ(error(),
            "foreword.toml: No such file or directory; name a readable TOML file with --config");
}

TEST_F(Load, refuses_a_folder_as_a_file) {
  request_.file = folder_.path();
  EXPECT_TRUE(error_says("Is a directory"));
}

TEST_F(Load, refuses_a_file_too_large_to_be_settings) {
  file(std::string(limits::kMaxSettingsFileBytes + 1, '#'));
  EXPECT_TRUE(error_says("File too large"));
}

TEST_F(Load, says_where_a_file_is_not_toml) {
  file("[proxy]\nlisten =\n");
  EXPECT_TRUE(error().starts_with("foreword.toml:2:")) << error();
  EXPECT_EQ(error().find('\n'), std::string::npos);
}

// --- what is wrong in it
// --------------------------------------------------------------------------

TEST_F(Load, names_an_unknown_setting_and_the_one_that_was_meant) {
  file("# first line\n[proxy]\n  lisen = '127.0.0.1:1'\n");
  EXPECT_EQ(error(),
            "foreword.toml:3:3: unknown setting 'proxy.lisen'; did you mean 'proxy.listen'?");
}

TEST_F(Load, names_an_unknown_section_even_when_it_is_empty) {
  file("[prozy]\n");
  EXPECT_EQ(error(), "foreword.toml:1:2: unknown section 'prozy'; did you mean 'proxy'?");
}

TEST_F(Load, does_not_guess_at_a_setting_like_no_other) {
  file("[proxy]\ncolour = 'red'\n");
  EXPECT_EQ(error(),
            "foreword.toml:2:1: unknown setting 'proxy.colour'; foreword.example.toml names them "
            "all");
}

TEST_F(Load, refuses_a_setting_outside_of_a_section_and_one_too_deep) {
  file("threads = 1\n[proxy.listen]\nhost = 'a'\n[upstream.openai.base_url]\nhost = 'a'\n");
  EXPECT_TRUE(error_says("unknown setting 'threads'"));
  EXPECT_TRUE(error_says("unknown setting 'proxy.listen.host'"));
  EXPECT_TRUE(error_says("unknown setting 'upstream.openai.base_url.host'"));
}

TEST_F(Load, suggests_the_setting_of_an_upstream) {
  file("[upstream.openai]\nbase_ulr = 'https://h'\n");
  EXPECT_TRUE(error_says("did you mean 'upstream.openai.base_url'?"));
}

TEST_F(Load, reports_every_problem_on_a_line_of_its_own) {
  file("[proxy]\nthreads = -1\nmode = 'fast'\n[log]\nlevel = 3\n");
  EXPECT_EQ(error(),
            "foreword.toml:5:1: log.level must be \"trace\", \"debug\", \"info\", \"warn\", "
            "\"error\" or \"off\"\n"
            "foreword.toml:3:1: proxy.mode must be \"off\", \"observe\" or \"optimize\"\n"
            "foreword.toml:2:1: proxy.threads must be a whole number from 0 to 1024");
}

TEST_F(Load, takes_a_number_at_its_bounds_and_none_beyond) {
  for (const auto* good : {"0", "1024"}) {
    file("[proxy]\nthreads = " + std::string(good));
    EXPECT_EQ(error(), "none") << good;
  }
  for (const auto* bad : {"-1", "1025", "9223372036854775807", "1.0", "true", "'8'", "[1]"}) {
    file("[proxy]\nthreads = " + std::string(bad));
    EXPECT_TRUE(error_says("proxy.threads must be a whole number from 0 to 1024")) << bad;
  }
}

TEST_F(Load, refuses_a_wait_of_nothing) {
  file("[proxy]\nidle_timeout_ms = 0\n");
  EXPECT_TRUE(error_says("proxy.idle_timeout_ms must be a whole number from 1 to 86400000"));
}

TEST_F(Load, refuses_a_default_kb_that_cannot_exist) {
  file("[proxy]\nkb = 'none'\n");
  EXPECT_TRUE(error_says("proxy.kb must be the name of a knowledge base"));
}

TEST_F(Load, never_repeats_a_text_value_which_may_be_a_secret) {
  file(
      "[admin]\ntoken_env = 'sk-hunter2'\n[upstream.openai]\nbase_url = 'https://a:hunter2@b'\n"
      "[log]\nlevel = 'hunter2'\n");
  ASSERT_NE(error(), "none");
  EXPECT_EQ(error().find("hunter2"), std::string::npos) << error();
}

TEST_F(Load, keeps_a_hostile_key_on_one_line) {
  file("[proxy]\n\"a\\nb\\u001b\" = 1\n");
  EXPECT_TRUE(error_says("unknown setting 'proxy.a?b?'"));
}

TEST_F(Load, refuses_a_comparison_whose_best_case_is_dearer_than_its_worst) {
  file("[finetune]\ngpu_usd_per_hour = ['3', '2', '1']\n");
  EXPECT_TRUE(
      error_says("foreword.toml:2:1: finetune.gpu_usd_per_hour must be a number from 0 to "
                 "10000 in quotes, like \"1.5\", or a list of three"));
}

TEST_F(Load, prints_all_estimates_of_an_assumption_and_where_they_are_from) {
  file("[finetune]\nepochs = '2'\n");
  EXPECT_EQ(line("finetune.epochs").value, R"(["2", "2", "2"])");
  EXPECT_TRUE(line("finetune.epochs").origin.ends_with("foreword.toml:2"));
  EXPECT_EQ(line("finetune.gpu_usd_per_hour").value, R"(["0.8", "1.5", "3"])");
  EXPECT_EQ(line("finetune.gpu_usd_per_hour").origin, "default");
}

// --- upstreams
// ------------------------------------------------------------------------------------

TEST_F(Load, overrides_only_the_url_of_a_public_upstream) {
  file("[upstream.openai]\nbase_url = 'http://127.0.0.1:9000'\n");
  const auto loaded = settings();
  const auto* upstream = loaded.upstream_named("openai");
  EXPECT_EQ(upstream->provider, Provider::openai);
  EXPECT_EQ(upstream->base_url, (BaseUrl{false, "127.0.0.1", 9000, ""}));
}

TEST_F(Load, adds_an_operators_upstreams_after_the_public_ones_by_name) {
  file(
      "[upstream.vllm]\nprovider = 'openai'\nbase_url = 'http://gpu:8000'\n"
      "[upstream.edge]\nprovider = 'anthropic'\nbase_url = 'http://edge'\n");
  const auto upstreams = settings().upstreams;
  ASSERT_EQ(upstreams.size(), 5u);
  EXPECT_EQ(upstreams[3].name, "edge");
  EXPECT_EQ(upstreams[4].name, "vllm");
}

TEST_F(Load, prefers_the_public_upstream_for_its_provider) {
  file("[upstream.a]\nprovider = 'openai'\nbase_url = 'http://gpu:8000'\n");
  EXPECT_EQ(settings().upstream_for(Provider::openai)->name, "openai");
}

TEST_F(Load, takes_the_version_off_the_end_of_an_openai_url) {
  set("upstream.openai.base_url=https://api.openai.com/v1/");
  EXPECT_EQ(settings().upstream_named("openai")->base_url.path, "");
  set("upstream.openai.base_url=https://api.groq.com/openai/v1");
  EXPECT_EQ(settings().upstream_named("openai")->base_url.path, "/openai");
}

TEST_F(Load, leaves_the_path_of_an_openai_url_that_only_ends_like_a_version) {
  set("upstream.openai.base_url=https://h/openai-v1");
  EXPECT_EQ(settings().upstream_named("openai")->base_url.path, "/openai-v1");
}

TEST_F(Load, leaves_the_path_of_other_providers_alone) {
  set("upstream.anthropic.base_url=https://gateway/v1");
  EXPECT_EQ(settings().upstream_named("anthropic")->base_url.path, "/v1");
}

TEST_F(Load, asks_for_the_provider_and_url_of_a_new_upstream) {
  file("\n[upstream.vllm]\nca_file = 'ca.pem'\n");
  EXPECT_EQ(error(),
            "foreword.toml:3:1: upstream 'vllm' needs provider; set upstream.vllm.provider\n"
            "foreword.toml:3:1: upstream 'vllm' needs base_url; set upstream.vllm.base_url");
}

TEST_F(Load, asks_the_same_of_an_upstream_that_is_an_empty_section) {
  file("[upstream.vllm]\n");
  EXPECT_TRUE(error_says("upstream 'vllm' needs provider"));
}

TEST_F(Load, does_not_call_a_value_missing_that_it_refused) {
  file("[upstream.vllm]\nprovider = 'opnai'\nbase_url = 'http://h'\n");
  EXPECT_EQ(error(),
            "foreword.toml:2:1: upstream.vllm.provider must be \"anthropic\", \"openai\" or "
            "\"gemini\"");
}

TEST_F(Load, refuses_names_that_are_paths_of_clients_or_no_path_at_all) {
  for (const auto* name : {"kb", "v1", "v1beta", "messages", "chat", "responses", "upload", "Big",
                           "'a b'", "'a.b'", "''", "'../x'"}) {
    file("[upstream." + std::string(name) +
         "]\nprovider = 'openai'\nbase_url = 'http://gpu:8000'\n");
    EXPECT_TRUE(error_says("cannot name an upstream")) << name;
  }
}

TEST_F(Load, refuses_a_public_name_for_another_provider) {
  file("[upstream.openai]\nprovider = 'anthropic'\n");
  EXPECT_TRUE(error_says("foreword.toml:2:1: upstream.openai.provider must be \"openai\""));
}

// --- the admin listener
// ---------------------------------------------------------------------------

TEST_F(Load, refuses_an_open_admin_listener_without_a_token) {
  file("[admin]\nlisten = '0.0.0.0:8788'\n");
  EXPECT_TRUE(error().starts_with("foreword.toml:2:1: admin.listen is open to other machines"));
}

TEST_F(Load, takes_an_open_admin_listener_with_a_token) {
  file("[admin]\nlisten = '0.0.0.0:8788'\ntoken_env = 'ADMIN'\n");
  environment_["ADMIN"] = "secret";
  EXPECT_EQ(settings().admin.token_env, "ADMIN");
}

TEST_F(Load, refuses_a_token_variable_that_is_not_set_or_is_empty) {
  file("[admin]\nlisten = '0.0.0.0:8788'\ntoken_env = 'ADMIN'\n");
  EXPECT_TRUE(error_says("foreword.toml:3:1: admin.token_env names an environment variable that"));
  environment_["ADMIN"] = "";
  EXPECT_TRUE(error_says("foreword.toml:3:1: admin.token_env names an environment variable that"));
}

TEST_F(Load, refuses_a_named_token_that_is_not_set_on_loopback_too) {
  file("[admin]\ntoken_env = 'ADMIN'\n");
  EXPECT_TRUE(error_says("admin.token_env names an environment variable that is not set"));
}

TEST_F(Load, takes_the_name_of_an_upstreams_key_where_the_variable_is_set) {
  file("[upstream.anthropic]\napi_key_env = 'OUR_KEY'\n");
  environment_["OUR_KEY"] = "sk-1";
  EXPECT_EQ(settings().upstream_named("anthropic")->api_key_env, "OUR_KEY");
}

TEST_F(Load, refuses_a_key_variable_that_is_not_set_without_repeating_its_name) {
  file("[upstream.anthropic]\napi_key_env = 'OUR_KEY'\n");
  EXPECT_TRUE(error_says(
      "foreword.toml:2:1: upstream.anthropic.api_key_env names an environment variable that"));
  EXPECT_EQ(error().find("OUR_KEY"), std::string::npos);
}

TEST_F(Load, refuses_a_certificate_without_its_key_and_a_key_without_its_certificate) {
  file("[proxy]\ntls_certificate = \"/a.pem\"\n");
  EXPECT_EQ(error(),
            "foreword.toml:2:1: proxy.tls_certificate needs proxy.tls_key beside it; set both or "
            "neither");
  file("[proxy]\ntls_key = \"/a.pem\"\n");
  EXPECT_EQ(error(),
            "foreword.toml:2:1: proxy.tls_key needs proxy.tls_certificate beside it; set both or "
            "neither");
}

TEST_F(Load, refuses_two_listeners_on_one_address) {
  set("admin.listen=127.0.0.1:8787");
  EXPECT_TRUE(error_says("admin.listen and proxy.listen are the same address"));
}

TEST_F(Load, lets_both_listeners_ask_for_a_free_port) {
  set("admin.listen=127.0.0.1:0");
  set("proxy.listen=127.0.0.1:0");
  EXPECT_EQ(error(), "none");
}

// --- overrides
// ------------------------------------------------------------------------------------

TEST_F(Load, an_override_wins_over_the_file) {
  file("[proxy]\nthreads = 2\n");
  set("proxy.threads=4");
  EXPECT_EQ(settings().proxy.threads, 4u);
}

TEST_F(Load, the_last_override_wins) {
  set("proxy.threads=4");
  set("proxy.threads=5");
  EXPECT_EQ(settings().proxy.threads, 5u);
}

TEST_F(Load, an_override_need_not_be_quoted) {
  set("proxy.listen=127.0.0.1:0");
  set("proxy.mode=\"off\"");
  EXPECT_EQ(settings().proxy.listen.port, 0);
  EXPECT_EQ(settings().proxy.mode, Mode::off);
}

TEST_F(Load, an_override_makes_an_upstream) {
  set("upstream.vllm.provider=openai");
  set("upstream.vllm.base_url=http://h:1");
  EXPECT_EQ(settings().upstream_named("vllm")->base_url.port, 1);
}

TEST_F(Load, an_override_is_one_value_whatever_it_holds) {
  set("finetune.hardware=1\nx = 2");
  EXPECT_EQ(error(), "--set: finetune.hardware must be text on one line");
}

TEST_F(Load, refuses_an_override_without_a_value_and_does_not_repeat_it) {
  set("proxy.threads=1");
  set("hunter2");
  EXPECT_EQ(error(), "--set number 2: has no '='; write section.key=value");
}

TEST_F(Load, refuses_an_override_of_nothing) {
  set("=1");
  EXPECT_TRUE(error_says("--set: unknown setting ''"));
}

TEST_F(Load, suggests_for_an_override_too) {
  set("proxy.thread=1");
  EXPECT_EQ(error(), "--set: unknown setting 'proxy.thread'; did you mean 'proxy.threads'?");
}

// --- config print
// ---------------------------------------------------------------------------------

TEST_F(Load, says_where_each_value_is_from) {
  file("\n[proxy]\nthreads = 2\nmode = 'off'\n");
  set("proxy.mode=observe");
  EXPECT_EQ(line("proxy.threads").origin, file_.string() + ":3");
  EXPECT_EQ(line("proxy.mode").origin, "--set");
  EXPECT_EQ(line("log.level").origin, "default");
}

TEST_F(Load, prints_values_as_toml) {
  set(R"(finetune.hardware="a \"b\" c:\\d 'e'")");
  EXPECT_EQ(line("finetune.hardware").value, R"("a \"b\" c:\\d 'e'")");
  EXPECT_EQ(line("proxy.threads").value, "0");
  EXPECT_EQ(line("upstream.openai.base_url").value, R"("https://api.openai.com")");
}

TEST_F(Load, reads_its_own_print_back_to_the_same_settings) {
  set("proxy.mode=off");
  set("upstream.vllm.provider=openai");
  set("upstream.vllm.base_url=http://h:1/x");
  const auto first = load().value().lines;
  request_.overrides.clear();
  for (const auto& printed : first) set(printed.key + "=" + printed.value);
  const auto second = load().value().lines;
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(second[i].key + second[i].value, first[i].key + first[i].value);
  }
}

// --- the example file
// -----------------------------------------------------------------------------

class ExampleFile : public Load {
 protected:
  ExampleFile() { request_.file = FOREWORD_EXAMPLE_FILE; }
};

TEST_F(ExampleFile, loads) {
  EXPECT_EQ(error(), "none");
}

TEST_F(ExampleFile, names_every_setting) {
  for (const auto& printed : load().value().lines) {
    EXPECT_TRUE(printed.origin.starts_with(FOREWORD_EXAMPLE_FILE)) << printed.key;
  }
}

TEST_F(ExampleFile, has_every_setting_at_its_default) {
  const auto named = load().value().lines;
  request_.file.reset();
  const auto defaults = load().value().lines;
  ASSERT_EQ(named.size(), defaults.size());
  for (std::size_t i = 0; i < named.size(); ++i) {
    EXPECT_EQ(named[i].value, defaults[i].value) << named[i].key;
  }
}

}  // namespace
}  // namespace foreword::config
