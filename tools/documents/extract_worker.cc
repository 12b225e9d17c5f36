#include "tools/documents/extract_worker.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

extern char** environ;

namespace foreword::tools {
namespace {

using config::Error;
using config::Result;

Result<std::string> read_all(int file) {
  struct stat info {};
  if (fstat(file, &info) != 0) return Error{"its text cannot be read back"};
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const auto read = pread(file, text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (read < 0 && errno == EINTR) continue;
    if (read <= 0) return Error{"its text cannot be read back"};
    done += static_cast<std::size_t>(read);
  }
  return Result<std::string>(boost::system::in_place_value, std::move(text));
}

/// false: nothing came before the deadline, or the worker is gone.
bool wait_readable(int socket, std::chrono::milliseconds time) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waited{socket, POLLIN, 0};
    const int ready = poll(&waited, 1, std::max(static_cast<int>(left.count()), 0));
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0;
  }
}

}  // namespace

std::filesystem::path ExtractWorker::beside_this_program() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "foreword-extract";
}

ExtractWorker::~ExtractWorker() {
  stop();
}

Result<void> ExtractWorker::start() {
  if (process_ > 0) return {};
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return Error{fmt::format("no worker can be started for it: {}", std::strerror(errno))};
  }
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, theirs.get(), STDIN_FILENO);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::string name = program_.string();
  char* arguments[] = {name.data(), nullptr};
  const int failure = posix_spawn(&process_, name.c_str(), &files, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (failure != 0) {
    process_ = -1;
    return Error{fmt::format("{} cannot be started: {}; it belongs beside foreword", name,
                             std::strerror(failure))};
  }
  socket_ = std::move(ours);
  return {};
}

void ExtractWorker::stop() {
  if (process_ <= 0) return;
  socket_.reset();
  kill(process_, SIGKILL);  // what it has under way is killed with it
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
}

bool ExtractWorker::send_request(ExtractFormat format, int file, int output) {
  ExtractRequest request;
  request.format = format;
  request.memory_bytes = limits_.memory_bytes;
  request.output_bytes = limits_.output_bytes;
  request.cpu_seconds = static_cast<std::uint64_t>(limits_.cpu_time.count());
  request.wall_seconds = static_cast<std::uint64_t>(limits_.wall_time.count());
  iovec piece{&request, sizeof(request)};
  const int files[2] = {file, output};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(files))] = {};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  auto* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof(files));
  std::memcpy(CMSG_DATA(head), files, sizeof(files));
  ssize_t sent = 0;
  do {
    sent = sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(sizeof(request));
}

Result<std::string> ExtractWorker::read_outcome(int wait_status, int output) const {
  if (WIFEXITED(wait_status)) {
    switch (WEXITSTATUS(wait_status)) {
      case kExtracted:
        return read_all(output);
      case kRefused: {
        auto reason = read_all(output);
        return reason ? Error{std::move(*reason)} : reason.error();
      }
      case kOutOfMemory:
        break;
      default:
        return Error{fmt::format("extraction failed (exit {})", WEXITSTATUS(wait_status))};
    }
    return Error{
        fmt::format("extraction takes more than {} MB of memory", limits_.memory_bytes >> 20)};
  }
  switch (WTERMSIG(wait_status)) {
    case SIGXCPU:
      return Error{fmt::format("extraction takes more than {} s", limits_.cpu_time.count())};
    case SIGALRM:
      return Error{fmt::format("extraction takes more than {} s", limits_.wall_time.count())};
    case SIGXFSZ:
      return Error{fmt::format("there are more than {} bytes of text in it", limits_.output_bytes)};
    case SIGKILL:
      return Error{"extraction was killed: this machine may be short of memory"};
    default:
      break;
  }
  return Error{fmt::format("extraction crashed (signal {})", WTERMSIG(wait_status))};
}

Result<std::string> ExtractWorker::extract(ExtractFormat format, int file) {
  if (auto started = start(); !started) return started.error();
  const UniqueFd output(memfd_create("foreword-extract", MFD_CLOEXEC));
  if (!output) return Error{fmt::format("there is no room for its text: {}", std::strerror(errno))};
  if (!send_request(format, file, output.get())) {
    stop();
    return Error{"its worker is gone; load it again"};
  }
  ExtractReply reply;
  const bool came = wait_readable(socket_.get(), limits_.wall_time + limits_.grace);
  if (!came || recv(socket_.get(), &reply, sizeof(reply), 0) != sizeof(reply)) {
    stop();
    return came ? Error{"its worker is gone; load it again"}
                : Error{fmt::format("extraction takes more than {} s", limits_.wall_time.count())};
  }
  return read_outcome(reply.wait_status, output.get());
}

}  // namespace foreword::tools
