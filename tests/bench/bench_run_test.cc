// `foreword bench` as a user runs it: that it runs, says what it has to say, and leaves nothing.

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/temp_dir.h"

namespace foreword::test {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::string read_file(const fs::path& path) {
  const std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Runs the program with a TMPDIR of its own.
class BenchTest : public testing::Test {
 protected:
  pid_t start(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {FOREWORD_PROGRAM, "bench"});
    const auto pid = ::fork();
    if (pid != 0) return pid;
    ::setenv("TMPDIR", folder_.path().c_str(), 1);
    const int out = ::creat(output_path().c_str(), 0600);
    ::dup2(out, 1);
    ::dup2(out, 2);
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  static int exit_code(pid_t pid) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  int run(const std::vector<std::string>& arguments) { return exit_code(start(arguments)); }

  [[nodiscard]] fs::path output_path() const { return folder_.path() / "output"; }
  [[nodiscard]] std::string output() const { return read_file(output_path()); }
  [[nodiscard]] fs::path json_path() const { return folder_.path() / "figures.json"; }
  /// Folders of the bench's own.
  [[nodiscard]] std::size_t folders_left() const {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      if (entry.is_directory()) ++count;
    }
    return count;
  }
  /// Processes whose command line or environment names our folder: all that the bench starts.
  [[nodiscard]] std::size_t processes_left() const {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      const auto environment = read_file(entry.path() / "environ");
      if (environment.find(folder_.path().string()) != std::string::npos) ++count;
    }
    return count;
  }

 private:
  TempDir folder_;
};

TEST_F(BenchTest, RunsForewordBesideTheRelayAndLeavesNothing) {
  ASSERT_EQ(run({"--quick", "--repeats", "1", "--scale", "0.001", "--only", "relay", "foreword-off",
                 "foreword", "foreword-kb", "--json", json_path().string()}),
            0)
      << output();
  EXPECT_NE(output().find("CPU of the proxy per request"), std::string::npos) << output();
  EXPECT_NE(output().find("added p50 against nginx"), std::string::npos) << output();

  const auto report = json::parse(read_file(json_path()));
  std::size_t with_cpu = 0;
  for (const auto& figure : report.at("figures").as_array()) {
    if (figure.at("measure").as_string() != "cpu_us") continue;
    ++with_cpu;
    EXPECT_GT(figure.at("median").to_number<double>(), 0) << json::serialize(figure);
  }
  EXPECT_EQ(with_cpu, 14U);  // three candidates at four sizes, two at 800 KB
  EXPECT_FALSE(report.at("budgets").as_array().empty());
  EXPECT_EQ(folders_left(), 0U);
  EXPECT_EQ(processes_left(), 0U);
}

TEST_F(BenchTest, CtrlCEndsItAndLeavesNothing) {
  const auto bench = start({"--only", "relay", "foreword", "--part", "cpu"});
  // In the middle of its work: it has said so, and has a folder.
  while (output().find("repeat 1") == std::string::npos) {
    ASSERT_EQ(::waitpid(bench, nullptr, WNOHANG), 0) << output();
    ::usleep(10'000);
  }
  EXPECT_EQ(folders_left(), 1U);
  ::kill(bench, SIGINT);
  EXPECT_EQ(exit_code(bench), 1) << output();
  EXPECT_NE(output().find("interrupted"), std::string::npos) << output();
  EXPECT_EQ(folders_left(), 0U);
  EXPECT_EQ(processes_left(), 0U);
}

TEST_F(BenchTest, AnUnknownCandidateIsAUsageErrorThatListsThem) {
  EXPECT_EQ(run({"--only", "envoy"}), 2);
  EXPECT_NE(output().find("nginx-streaming"), std::string::npos) << output();
}

}  // namespace
}  // namespace foreword::test
