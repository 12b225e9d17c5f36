// Deletes ledger rows that are older than the settings say (cache/retention.h).
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "cache/store.h"
#include "config/models.h"

namespace foreword::proxy {

/// A thread that looks at once and then every quarter of an hour, and deletes in small steps with
/// pauses: requests go on meanwhile. What cannot be deleted is logged and tried again. The store
/// has to outlive it.
class RowSweeper {
 public:
  RowSweeper(cache::Store& store, std::chrono::days keep, std::function<config::TimePoint()> now);
  /// Ends the thread within one step.
  ~RowSweeper();
  RowSweeper(const RowSweeper&) = delete;
  RowSweeper& operator=(const RowSweeper&) = delete;

 private:
  void run();
  void sweep();
  /// False: the end.
  [[nodiscard]] bool pause(std::chrono::milliseconds duration);

  cache::Store& store_;
  const std::chrono::days keep_;
  const std::function<config::TimePoint()> now_;
  std::mutex mutex_;
  bool stopping_ = false;  // guarded by mutex_
  std::condition_variable stop_;
  std::thread thread_;
};

}  // namespace foreword::proxy
