// foreword-extract: the worker of `foreword kb load`. Not started by hand.
//
// For each request it forks: every file is read by a process of its own, which starts in the time
// of a fork with all libraries loaded, and which the kernel ends at its limits. What a hostile file
// can do is lose itself.
#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>
#include <optional>
#include <string_view>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/limits.h"
#include "tools/extract/extract.h"
#include "tools/extract/worker_protocol.h"

namespace foreword::tools {
namespace {

struct Job {
  ExtractRequest request;
  int input = -1;
  int output = -1;
};

/// Nothing: the loader has gone, or says what nobody understands.
std::optional<Job> receive(int socket) {
  Job job;
  iovec piece{&job.request, sizeof(job.request)};
  alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  ssize_t size = 0;
  do {
    size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size != static_cast<ssize_t>(sizeof(job.request))) return std::nullopt;
  const auto* head = CMSG_FIRSTHDR(&message);
  if (head == nullptr || head->cmsg_type != SCM_RIGHTS ||
      head->cmsg_len != CMSG_LEN(2 * sizeof(int))) {
    return std::nullopt;
  }
  int files[2];
  std::memcpy(files, CMSG_DATA(head), sizeof(files));
  job.input = files[0];
  job.output = files[1];
  return job;
}

bool limit(__rlimit_resource resource, std::uint64_t most, std::uint64_t grace = 0) {
  const rlimit bound{most, most + grace};
  return setrlimit(resource, &bound) == 0;
}

/// At a limit the kernel ends this process with a signal that names it.
bool confine(const ExtractRequest& request) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  itimerval wall{};
  wall.it_value.tv_sec = static_cast<time_t>(request.wall_seconds);
  return setitimer(ITIMER_REAL, &wall, nullptr) == 0 && limit(RLIMIT_CORE, 0) &&
         limit(RLIMIT_CPU, request.cpu_seconds, 1) && limit(RLIMIT_FSIZE, request.output_bytes) &&
         limit(RLIMIT_NOFILE, config::limits::kExtractOpenFiles) && limit(RLIMIT_NPROC, 0) &&
         (kShadowMemory || limit(RLIMIT_AS, request.memory_bytes));
}

config::Result<std::string> extract(ExtractFormat format, std::string_view bytes) {
  switch (format) {
    case ExtractFormat::html:
      return extract_html(bytes);
    case ExtractFormat::pdf:
      return extract_pdf(bytes);
    case ExtractFormat::docx:
      return extract_docx(bytes);
  }
  return config::Error{"it is of a format that this worker does not know"};
}

bool write_all(std::string_view text) {
  while (!text.empty()) {
    const auto written = write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// In the process of its own. Never returns: destructors of what a hostile file made are not run.
[[noreturn]] void do_job(const Job& job) {
  if (dup2(job.input, STDIN_FILENO) < 0 || dup2(job.output, STDOUT_FILENO) < 0) _exit(kNotSetUp);
  close_range(STDERR_FILENO + 1, ~0U, 0);
  struct stat info {};
  if (fstat(STDIN_FILENO, &info) != 0 || !confine(job.request)) _exit(kNotSetUp);
  try {
    const auto size = static_cast<std::size_t>(info.st_size);
    void* bytes =
        size == 0 ? nullptr : mmap(nullptr, size, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
    if (bytes == MAP_FAILED) _exit(kOutOfMemory);
    const auto text =
        extract(job.request.format, std::string_view(static_cast<const char*>(bytes), size));
    if (!write_all(text ? *text : text.error().message)) _exit(kNotSetUp);
    _exit(text ? kExtracted : kRefused);
  } catch (const std::bad_alloc&) {
    _exit(kOutOfMemory);
  }
}

int serve(int socket) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGINT, SIG_IGN);  // of the terminal: the loader decides
  while (const auto job = receive(socket)) {
    const auto child = fork();
    if (child == 0) do_job(*job);
    close(job->input);
    close(job->output);
    ExtractReply reply;
    reply.wait_status = kNotSetUp << 8;
    while (child > 0 && waitpid(child, &reply.wait_status, 0) < 0 && errno == EINTR) {
    }
    if (send(socket, &reply, sizeof(reply), MSG_NOSIGNAL) < 0) break;
  }
  return 0;
}

}  // namespace
}  // namespace foreword::tools

int main() {
  return foreword::tools::serve(STDIN_FILENO);
}
