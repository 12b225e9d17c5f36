#include "tools/documents/folder_watch.h"

#include <algorithm>
#include <cerrno>
#include <optional>

#include <poll.h>
#include <sys/inotify.h>

namespace foreword::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kChanges = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_DELETE_SELF |
                                   IN_MOVED_FROM | IN_MOVED_TO | IN_MOVE_SELF | IN_ATTRIB |
                                   IN_MODIFY | IN_ONLYDIR;

int milliseconds_until(Clock::time_point time) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - Clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

}  // namespace

FolderWatch::FolderWatch() : inotify_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  complete_ = static_cast<bool>(inotify_);
}

void FolderWatch::add(const std::filesystem::path& folder) {
  if (!inotify_ || inotify_add_watch(inotify_.get(), folder.c_str(), kChanges) < 0) {
    complete_ = false;
  }
}

bool FolderWatch::drain() {
  alignas(inotify_event) char events[4096];
  bool any = false;
  while (inotify_ && ::read(inotify_.get(), events, sizeof(events)) > 0) any = true;
  return any;
}

FolderWatch::Woken FolderWatch::wait(int stop, const WatchTimes& times) {
  std::optional<Clock::time_point> first;
  auto deadline = Clock::now() + times.poll;
  while (true) {
    pollfd waited[2] = {{stop, POLLIN, 0}, {inotify_.get(), POLLIN, 0}};
    const int wait = first || !complete_ ? milliseconds_until(deadline) : -1;
    const int ready = poll(waited, 2, wait);
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0 || waited[0].revents != 0) return Woken::stopped;
    if (ready == 0) return Woken::changed;
    if (!drain()) continue;
    if (!first) first = Clock::now();
    deadline = std::min(Clock::now() + times.quiet, *first + times.longest);
  }
}

}  // namespace foreword::tools
