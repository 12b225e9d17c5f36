// What `kill -9` leaves of a publish: the old version or the new one, whole, and nothing besides.
//
// Twenty kills; FOREWORD_KILL_ROUNDS asks for more.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cache/kb_check.h"
#include "cache/knowledge.h"
#include "support/temp_dir.h"

namespace foreword::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

/// The program as a process, with what it prints in a pipe.
class Process {
 public:
  explicit Process(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), FOREWORD_PROGRAM);
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ends[1], 1);
      ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), 2);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    out_ = ends[0];
  }
  ~Process() {
    if (pid_ > 0) kill();
    ::close(out_);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// The first line; empty if the process ends before it.
  std::string line() {
    std::string text;
    for (char c = 0; ::read(out_, &c, 1) == 1 && c != '\n';) text += c;
    return text;
  }
  /// What it exits with.
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  void kill() {
    ::kill(pid_, SIGKILL);
    wait();
  }

 private:
  pid_t pid_ = -1;
  int out_ = -1;
};

using Documents = std::map<std::string, config::Hash128>;

class KilledPublish : public testing::Test {
 protected:
  static constexpr int kDocuments = 200;

  KilledPublish() {
    write("old", "a");
    write("new", "b");
    versions_ = {read("old"), read("new")};
  }

  /// Two folders that have two documents of three in common.
  void write(const std::string& folder, const std::string& mark) {
    fs::create_directories(folder_.path() / folder);
    for (int i = 0; i < kDocuments; ++i) {
      std::string text;
      const auto own = i % 3 == 0 ? mark : std::string("same");
      for (int line = 0; line < 300; ++line) {
        text += own + std::to_string(i * 1000 + line * 7) + " of a handbook\n";
      }
      std::ofstream(folder_.path() / folder / (std::to_string(i) + ".md")) << text;
    }
  }
  Documents read(const std::string& folder) {
    Documents documents;
    for (const auto& entry : fs::directory_iterator(folder_.path() / folder)) {
      std::ifstream file(entry.path());
      const std::string text(std::istreambuf_iterator<char>(file), {});
      documents[entry.path().filename()] = config::xxh3_128(text);
    }
    return documents;
  }
  [[nodiscard]] std::string store() const { return folder_.path() / "store"; }
  [[nodiscard]] std::vector<std::string> load(int round, const std::string& option,
                                              const std::string& value) const {
    return {"kb", "load", "k", folder_.path() / (round % 2 == 0 ? "old" : "new"), option, value};
  }
  /// How long a load takes that nobody kills.
  microseconds whole_load() {
    const auto began = Clock::now();
    EXPECT_EQ(Process(load(0, "--data", store())).wait(), 0);
    return std::chrono::duration_cast<microseconds>(Clock::now() - began);
  }
  void kill_a_load(int round, microseconds after) {
    Process loader(load(round, "--data", store()));
    std::this_thread::sleep_for(after);
    loader.kill();
  }
  void kill_a_proxy_that_publishes(int round, microseconds after) {
    Process proxy({"serve", "--set", "store.path=" + store(), "--set", "proxy.listen=127.0.0.1:0",
                   "--set", "admin.listen=127.0.0.1:0"});
    const auto line = proxy.line();
    const auto admin = line.rfind(' ');
    ASSERT_NE(admin, std::string::npos) << line;
    Process loader(load(round, "--admin", line.substr(admin + 1)));
    std::this_thread::sleep_for(after);
    proxy.kill();
    loader.wait();
  }
  /// Opens the store as the next start does. 0 or 1: the version that is there.
  int expect_one_whole_version() {
    const auto opened = cache::Store::open(store());
    EXPECT_TRUE(opened) << opened.error().message;
    if (!opened) return -1;
    EXPECT_TRUE(cache::sweep_unfinished(**opened));
    const auto found = cache::check_knowledge(**opened);
    EXPECT_TRUE(found) << found.error().message;
    if (!found) return -1;
    EXPECT_TRUE(found->is_whole());
    EXPECT_EQ(found->orphans(), 0u);
    const auto current = cache::get_kb(**opened, "k").value();
    EXPECT_TRUE(current);
    if (!current) return -1;
    Documents documents;
    for (const auto& document : current->documents) documents[document.path] = document.hash;
    EXPECT_TRUE(documents == versions_[0] || documents == versions_[1]);
    return documents == versions_[0] ? 0 : 1;
  }

  TempDir folder_;
  std::vector<Documents> versions_;
};

int rounds() {
  const char* asked = std::getenv("FOREWORD_KILL_ROUNDS");
  return asked != nullptr ? std::atoi(asked) : 20;
}

TEST_F(KilledPublish, LeavesTheOldVersionOrTheNewOneWholeAndNoOrphans) {
  const auto most = whole_load().count() * 5 / 4;
  std::mt19937_64 random(std::random_device{}());
  int before = expect_one_whole_version();
  int published = 0;
  for (int round = 1; round <= rounds() && !HasFailure(); ++round) {
    SCOPED_TRACE(round);
    const microseconds after(static_cast<long>(random() % static_cast<std::uint64_t>(most)));
    // The one that is not there, so that there is something to publish.
    if (round % 4 == 0) {
      kill_a_proxy_that_publishes(1 - before, after);
    } else {
      kill_a_load(1 - before, after);
    }
    const int now = expect_one_whole_version();
    published += now != before ? 1 : 0;
    before = now;
  }
  RecordProperty("published_before_the_kill", published);
}

}  // namespace
}  // namespace foreword::test
