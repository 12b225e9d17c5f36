// [distill]: nothing is captured without a key, and a key is one or the start fails.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "config/load.h"
#include "config/seal_key.h"

namespace foreword::config {
namespace {

class DistillSection : public testing::Test {
 protected:
  void set(std::string assignment) { request_.overrides.push_back(std::move(assignment)); }
  Result<LoadedSettings> load() {
    request_.environment = [this](std::string_view name) -> std::optional<std::string> {
      const auto found = environment_.find(std::string(name));
      if (found == environment_.end()) return std::nullopt;
      return found->second;
    };
    return load_settings(request_);
  }
  std::string error() {
    const auto loaded = load();
    return loaded ? "none" : loaded.error().message;
  }

  LoadRequest request_;
  std::map<std::string, std::string> environment_ = {{"HOME", "/home/ann"},
                                                     {"KEY", std::string(64, 'a')}};
};

TEST_F(DistillSection, captures_nothing_by_itself) {
  const auto settings = load().value().settings.distill;
  EXPECT_TRUE(settings.labels.empty());
  EXPECT_FALSE(settings.wants(""));
  EXPECT_FALSE(settings.wants("support"));
}

TEST_F(DistillSection, captures_the_labels_that_it_names) {
  set("distill.labels=['support', 'sales']");
  set("distill.key_env=KEY");
  const auto settings = load().value().settings.distill;
  EXPECT_TRUE(settings.wants("support"));
  EXPECT_TRUE(settings.wants("sales"));
  EXPECT_FALSE(settings.wants("suppor"));
  EXPECT_FALSE(settings.wants(""));
}

TEST_F(DistillSection, refuses_labels_without_a_key) {
  set("distill.labels=['support']");
  EXPECT_EQ(error(),
            "--set: distill.labels needs distill.key_env, since prompts and answers are stored "
            "sealed or not at all; name a variable that holds 64 hexadecimal digits, as `openssl "
            "rand -hex 32` prints them");
}

TEST_F(DistillSection, refuses_a_variable_that_is_not_set_and_does_not_repeat_its_name) {
  set("distill.key_env=NO_SUCH_SECRET");
  EXPECT_EQ(error(),
            "--set: distill.key_env names an environment variable that is not set or is empty; "
            "export it before starting");
}

TEST_F(DistillSection, refuses_what_is_no_key_and_does_not_repeat_it) {
  set("distill.key_env=KEY");
  for (const auto& wrong : {std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g'),
                            std::string(62, 'a') + "+1", std::string("password")}) {
    environment_["KEY"] = wrong;
    EXPECT_EQ(error(),
              "--set: what distill.key_env names holds no key; it has to be 64 hexadecimal digits, "
              "as `openssl rand -hex 32` prints them");
  }
}

TEST_F(DistillSection, takes_a_key_without_labels_to_read_what_was_captured) {
  set("distill.key_env=KEY");
  EXPECT_EQ(error(), "none");
}

TEST_F(DistillSection, refuses_a_label_that_no_request_can_have) {
  set("distill.key_env=KEY");
  set("distill.labels=['']");
  EXPECT_EQ(error(),
            "--set: distill.labels must be a list of labels of requests, like [\"support\"]");
}

TEST(SealKeys, are_read_digit_by_digit) {
  const auto key = parse_seal_key("00010203040506070809" + std::string(40, 'f') + "AbcD");
  ASSERT_TRUE(key);
  EXPECT_EQ((*key)[1], 1);
  EXPECT_EQ((*key)[30], 0xab);
  EXPECT_EQ((*key)[31], 0xcd);
}

}  // namespace
}  // namespace foreword::config
