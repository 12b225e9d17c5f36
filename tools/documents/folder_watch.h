// Notices that something in a set of folders has changed.
//
// Owns an inotify descriptor. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "config/limits.h"
#include "tools/documents/unique_fd.h"

namespace foreword::tools {

struct WatchTimes {
  /// Changes are reported when there has been none for so long ...
  std::chrono::milliseconds quiet = config::limits::kWatchQuiet;
  /// ... or so long after the first.
  std::chrono::milliseconds longest = config::limits::kWatchLongest;
  /// Where not every folder can be watched, a change is assumed this often.
  std::chrono::milliseconds poll = config::limits::kWatchPoll;
};

class FolderWatch {
 public:
  FolderWatch();

  /// Changes from now on count. A folder that is gone, or one too many for the kernel, makes the
  /// watch incomplete.
  void add(const std::filesystem::path& folder);
  /// From now on a change is assumed every `poll`.
  void distrust() { complete_ = false; }
  [[nodiscard]] bool complete() const { return complete_; }

  enum class Woken : std::uint8_t { changed, stopped };
  /// Returns when something has changed, or when `stop` becomes readable.
  [[nodiscard]] Woken wait(int stop, const WatchTimes& times);

 private:
  /// Reads what has come; false: nothing that matters.
  [[nodiscard]] bool drain();

  UniqueFd inotify_;
  bool complete_ = true;
};

}  // namespace foreword::tools
