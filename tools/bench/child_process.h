// A process that the bench starts, and that never outlives it.
//
// Owned: ends with its owner (SIGTERM, then SIGKILL), and with the bench itself, however that ends.
// It is a process group of its own: Ctrl-C reaches the bench alone, which then ends them in order.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace foreword::bench {

struct Program {
  std::vector<std::string> argv;  // argv[0] is a path
  /// KEY=VALUE, over the environment of the bench.
  std::vector<std::string> environment;
  /// Takes standard output and error.
  std::filesystem::path log;
};

class ChildProcess {
 public:
  /// Throws std::system_error when it cannot be started.
  static ChildProcess run(const Program& program);
  /// Forks; the child calls `body` and exits. REQUIRES: this process has one thread.
  static ChildProcess fork_into(const std::function<void()>& body);
  ~ChildProcess() { stop(); }
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running();
  /// Waits for its end; the exit code, 128 + N where signal N ended it. Throws Interrupted.
  int wait();
  void stop() noexcept;

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  pid_t pid_ = -1;  // -1: none, or its end has been seen
  int status_ = 0;
};

/// The path of an executable of that name: in PATH, or where Debian puts servers. Empty: none.
[[nodiscard]] std::string find_program(const std::string& name);

}  // namespace foreword::bench
