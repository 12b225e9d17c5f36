// `foreword kb load --watch` as a program: it publishes what changes, and ends when it is told to.
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/temp_dir.h"
#include "tools/documents/extract_worker.h"
#include "unit/tools/file_makers.h"

extern char** environ;

namespace foreword::tools {
namespace {

namespace fs = std::filesystem;

/// The program, with what it prints line by line. Killed with the test.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&files, ends[0]);
    const auto program = ExtractWorker::beside_this_program().parent_path() / "foreword";
    arguments.insert(arguments.begin(), program.string());
    std::vector<char*> pointers;
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    EXPECT_EQ(posix_spawn(&process_, program.c_str(), &files, nullptr, pointers.data(), environ),
              0);
    posix_spawn_file_actions_destroy(&files);
    close(ends[1]);
    output_ = ends[0];
  }
  ~Program() {
    if (process_ > 0) {
      kill(process_, SIGKILL);
      waitpid(process_, nullptr, 0);
    }
    close(output_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// The next line; empty when none came in time.
  std::string line() {
    std::string text;
    char c = 0;
    pollfd waited{output_, POLLIN, 0};
    while (poll(&waited, 1, 30'000) > 0 && read(output_, &c, 1) == 1 && c != '\n') text += c;
    return text;
  }
  /// Its exit code after the signal.
  int end_by(int signal) {
    kill(process_, signal);
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t process_ = -1;
  int output_ = -1;
};

TEST(KbWatchTest, PublishesWhatChangesUntilItIsInterrupted) {
  const test::TempDir folder;
  const auto docs = folder.path() / "docs";
  test::write_file(docs / "a.md", "alpha\n");
  Program program({"kb", "load", "handbook", docs.string(), "--watch", "--json", "--read-all",
                   "--data", (folder.path() / "store").string()});
  const auto documents = [&program] {
    const auto line = program.line();
    boost::system::error_code failure;
    const auto answer = boost::json::parse(line, failure);
    return failure ? -1 : answer.at("documents").to_number<int>();
  };
  ASSERT_EQ(documents(), 1);

  test::write_file(docs / "b.md", "beta\n");
  EXPECT_EQ(documents(), 2);

  // A folder that is gone for a while is watched again when it is back.
  fs::rename(docs, folder.path() / "away");
  fs::remove(folder.path() / "away" / "b.md");
  fs::rename(folder.path() / "away", docs);
  EXPECT_EQ(documents(), 1);

  EXPECT_EQ(program.end_by(SIGINT), 0);
}

}  // namespace
}  // namespace foreword::tools
