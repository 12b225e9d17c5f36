#include "tools/bench/child_process.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/bench/interrupt.h"

namespace foreword::bench {
namespace {

using namespace std::chrono_literals;
constexpr auto kPatience = 5s;
constexpr auto kTick = 5ms;

std::vector<std::string> environment_with(const std::vector<std::string>& ours) {
  std::vector<std::string> out = ours;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto name = text.substr(0, text.find('=') + 1);
    const bool replaced =
        std::ranges::any_of(ours, [&](const std::string& one) { return one.starts_with(name); });
    if (!replaced) out.emplace_back(text);
  }
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// In the child, before anything else.
void settle_in(pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // it ended in between
  restore_interrupts();
}

pid_t fork_or_throw() {
  const auto pid = ::fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "cannot fork");
  return pid;
}

int exit_code(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

ChildProcess ChildProcess::run(const Program& program) {
  auto argv = program.argv;
  auto environment = environment_with(program.environment);
  const auto argv_pointers = pointers(argv);
  const auto environment_pointers = pointers(environment);
  const auto log = program.log.string();
  const auto parent = ::getpid();
  const auto pid = fork_or_throw();
  if (pid > 0) return ChildProcess(pid);
  settle_in(parent);
  const int in = ::open("/dev/null", O_RDONLY);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(out, 2);
  ::execve(argv_pointers[0], argv_pointers.data(), environment_pointers.data());
  ::_exit(127);
}

ChildProcess ChildProcess::fork_into(const std::function<void()>& body) {
  const auto parent = ::getpid();
  const auto pid = fork_or_throw();
  if (pid > 0) return ChildProcess(pid);
  settle_in(parent);
  try {
    body();
  } catch (...) {
    ::_exit(1);
  }
  ::_exit(0);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), status_(other.status_) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(status_, other.status_);
  return *this;
}

bool ChildProcess::running() {
  if (pid_ < 0) return false;
  if (::waitpid(pid_, &status_, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

int ChildProcess::wait() {
  while (running()) pause_for(kTick);
  return exit_code(status_);
}

void ChildProcess::stop() noexcept {
  if (pid_ < 0) return;
  const auto group = -pid_;
  ::kill(group, SIGTERM);
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (running() && std::chrono::steady_clock::now() < end) ::usleep(1000);
  ::kill(group, SIGKILL);  // what it left behind, too
  if (pid_ > 0) ::waitpid(pid_, &status_, 0);
  pid_ = -1;
}

std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  std::vector<std::string> folders;
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    folders.emplace_back(rest.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  for (const auto* folder : {"/usr/local/sbin", "/usr/sbin", "/sbin"}) folders.emplace_back(folder);
  for (const auto& folder : folders) {
    auto candidate = folder + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

}  // namespace foreword::bench
