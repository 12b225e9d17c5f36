// `foreword replay` as it is typed: what it prints, and its exit codes.
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/temp_dir.h"
#include "tools/command_line.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;

struct Printed {
  int exit_code = 0;
  std::string out;
  std::string error;
};

class ReplayCommand : public testing::Test {
 protected:
  ReplayCommand() {
    // Four blocks, three times: a second, and ten minutes apart.
    std::ofstream trace(folder_.path() / "trace.jsonl");
    for (const auto at : {0, 10'000, 610'000}) {
      trace << R"({"timestamp":)" << at
            << R"(,"input_length":2048,"output_length":9,"hash_ids":[1,2,3,4]})"
            << "\n";
    }
  }

  Printed replay(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {"foreword", "replay", (folder_.path() / "trace.jsonl").string()});
    std::vector<const char*> argv;
    for (const auto& argument : arguments) argv.push_back(argument.c_str());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Printed printed;
    printed.exit_code = run(static_cast<int>(argv.size()), argv.data());
    printed.out = testing::internal::GetCapturedStdout();
    printed.error = testing::internal::GetCapturedStderr();
    return printed;
  }

  json::object replay_json(std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    const auto printed = replay(std::move(arguments));
    EXPECT_EQ(printed.exit_code, kDone) << printed.error;
    return json::parse(printed.out).as_object();
  }

  [[nodiscard]] std::string plan() const {
    std::ifstream input(folder_.path() / "plan.jsonl");
    return {std::istreambuf_iterator<char>(input), {}};
  }
  [[nodiscard]] std::string plan_file() const { return (folder_.path() / "plan.jsonl").string(); }

  test::TempDir folder_;
};

double bill_of(const json::object& report, std::string_view policy) {
  for (const auto& row : report.at("policies").as_array()) {
    if (row.at("policy").as_string() == policy) return row.at("bill").as_double();
  }
  ADD_FAILURE() << "no policy " << policy;
  return 0;
}

TEST_F(ReplayCommand, bills_each_policy_relative_to_no_caching) {
  const auto report = replay_json({"--model", "claude-sonnet-5"});
  EXPECT_DOUBLE_EQ(bill_of(report, "none"), 1);
  EXPECT_DOUBLE_EQ(bill_of(report, "always-5m"), (1.25 + 0.1 + 1.25) / 3);
  EXPECT_DOUBLE_EQ(bill_of(report, "always-1h"), (2 + 0.1 + 0.1) / 3);
}

TEST_F(ReplayCommand, sets_the_bound_beside_them) {
  const auto report = replay_json({"--model", "claude-sonnet-5"});
  EXPECT_DOUBLE_EQ(report.at("bound").as_double(), (2 + 0.1 + 0.1) / 3);
  // One ping at five minutes, and one more read.
  EXPECT_DOUBLE_EQ(report.at("bound_with_pings").as_double(), (1.25 + 0.1 + 0.2) / 3);
}

TEST_F(ReplayCommand, knows_no_caching_at_a_provider_that_caches_by_itself) {
  const auto report = replay_json({"--model", "gpt-5.4"});
  EXPECT_DOUBLE_EQ(bill_of(report, "none"), 1);
  EXPECT_DOUBLE_EQ(bill_of(report, "automatic"), (1 + 0.1 + 1) / 3);
}

TEST_F(ReplayCommand, prints_a_line_for_each_policy) {
  const auto printed = replay({"--model", "claude-sonnet-5"});
  EXPECT_EQ(printed.exit_code, kDone);
  EXPECT_NE(printed.out.find("\n  always-5m     0.867"), std::string::npos) << printed.out;
  EXPECT_NE(printed.out.find("\n  bound         0.733"), std::string::npos) << printed.out;
}

TEST_F(ReplayCommand, runs_only_the_policy_that_is_named) {
  const auto report = replay_json({"--model", "claude-sonnet-5", "--policy", "head-5m"});
  EXPECT_EQ(report.at("policies").as_array().size(), 1u);
}

TEST_F(ReplayCommand, takes_a_cap_for_pings_in_dollars_a_day) {
  EXPECT_EQ(replay({"--model", "claude-sonnet-5", "--keep-warm-usd-per-day", "0.50"}).exit_code,
            kDone);
  const auto printed = replay({"--model", "claude-sonnet-5", "--keep-warm-usd-per-day", "-1"});
  EXPECT_EQ(printed.exit_code, kUsage);
  EXPECT_NE(printed.error.find("--keep-warm-usd-per-day"), std::string::npos) << printed.error;
}

TEST_F(ReplayCommand, writes_the_plan_of_the_policy_that_is_named) {
  const auto printed =
      replay({"--model", "claude-sonnet-5", "--policy", "always-5m", "--plan-out", plan_file()});
  EXPECT_EQ(printed.exit_code, kDone) << printed.error;
  EXPECT_EQ(plan(),
            "{\"i\": 0, \"t\": 0.000000, \"marks\": [[4, 300]]}\n"
            "{\"i\": 1, \"t\": 10.000000, \"marks\": [[4, 300]]}\n"
            "{\"i\": 2, \"t\": 610.000000, \"marks\": [[4, 300]]}\n");
}

TEST_F(ReplayCommand, fails_where_the_plan_cannot_be_written) {
  const auto printed =
      replay({"--model", "claude-sonnet-5", "--policy", "always-5m", "--plan-out", "/dev/full"});
  EXPECT_EQ(printed.exit_code, kFailed);
  EXPECT_EQ(printed.error,
            "foreword: cannot write the plan to /dev/full: No space left on device\n");
}

TEST_F(ReplayCommand, suggests_a_model) {
  const auto printed = replay({"--model", "claude-sonet-5"});
  EXPECT_EQ(printed.exit_code, kUsage);
  EXPECT_EQ(printed.error,
            "foreword: no model 'claude-sonet-5' in the price table; did you mean "
            "claude-sonnet-5?\n");
}

TEST_F(ReplayCommand, suggests_a_policy) {
  const auto printed = replay({"--model", "claude-sonnet-5", "--policy", "spread-5n"});
  EXPECT_EQ(printed.exit_code, kUsage);
  EXPECT_TRUE(
      printed.error.starts_with("foreword: no policy 'spread-5n' for claude-sonnet-5; did "
                                "you mean spread-5m? There are none, automatic, "))
      << printed.error;
}

TEST_F(ReplayCommand, fails_at_a_file_that_is_not_there) {
  const auto missing = (folder_.path() / "missing.jsonl").string();
  const auto printed = replay({missing, "--model", "claude-sonnet-5"});
  EXPECT_EQ(printed.exit_code, kFailed);
  EXPECT_EQ(printed.error,
            "foreword: " + missing + ": cannot be read: No such file or directory\n");
}

TEST_F(ReplayCommand, needs_a_model) {
  EXPECT_EQ(replay({}).exit_code, kUsage);
}

}  // namespace
}  // namespace foreword::tools
