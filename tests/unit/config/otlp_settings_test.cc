// [otlp]: where spans go.
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "config/load.h"
#include "support/temp_dir.h"

namespace foreword::config {
namespace {

class OtlpSettingsTest : public testing::Test {
 protected:
  Result<LoadedSettings> load(std::string_view lines) {
    std::ofstream(folder_.path() / "foreword.toml") << "[otlp]\n" << lines;
    LoadRequest request;
    request.file = folder_.path() / "foreword.toml";
    request.environment = [this](std::string_view name) -> std::optional<std::string> {
      const auto found = environment_.find(std::string(name));
      if (found == environment_.end()) return std::nullopt;
      return found->second;
    };
    return load_settings(request);
  }
  OtlpSettings settings(std::string_view lines) { return load(lines).value().settings.otlp; }
  std::string error(std::string_view lines) {
    const auto loaded = load(lines);
    return loaded ? "none" : loaded.error().message;
  }

  test::TempDir folder_;
  std::map<std::string, std::string> environment_ = {{"HOME", "/home/ann"}};
};

TEST_F(OtlpSettingsTest, name_no_collector_unless_one_is_named) {
  EXPECT_FALSE(settings("").endpoint);
  EXPECT_FALSE(settings("endpoint = ''\n").endpoint);
  const auto url = *settings("endpoint = 'http://collector:4318/v1/traces'\n").endpoint;
  EXPECT_EQ(to_text(url), "http://collector:4318/v1/traces");
}

TEST_F(OtlpSettingsTest, take_a_share_of_the_requests) {
  EXPECT_EQ(settings("").sample_millionths, 1'000'000u);
  EXPECT_EQ(settings("sample_ratio = '0.05'\n").sample_millionths, 50'000u);
  EXPECT_EQ(settings("sample_ratio = '0'\n").sample_millionths, 0u);
}

TEST_F(OtlpSettingsTest, refuse_what_is_no_address_and_no_share) {
  EXPECT_NE(error("endpoint = 'collector:4318'\n").find("otlp.endpoint must be empty, or http://"),
            std::string::npos);
  for (const auto* ratio : {"'1.1'", "'-1'", "'half'", "0.5"}) {
    EXPECT_NE(error("sample_ratio = " + std::string(ratio) + "\n")
                  .find("otlp.sample_ratio must be a number from 0 to 1 in quotes"),
              std::string::npos)
        << ratio;
  }
}

TEST_F(OtlpSettingsTest, refuse_a_variable_of_headers_that_is_not_set_without_repeating_it) {
  const auto lines = "headers_env = 'OUR_HEADERS'\n";
  EXPECT_NE(error(lines).find("otlp.headers_env names an environment variable that is not set"),
            std::string::npos);
  EXPECT_EQ(error(lines).find("OUR_HEADERS"), std::string::npos);
  environment_["OUR_HEADERS"] = "a=b";
  EXPECT_EQ(settings(lines).headers_env, "OUR_HEADERS");
}

}  // namespace
}  // namespace foreword::config
