// A thread that works now and then, beside the requests, until it is ended.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace foreword::proxy {

class Background {
 public:
  /// `work` runs on the thread and returns once pause() says so.
  explicit Background(std::function<void(Background&)> work);
  /// Waits for the thread, whose pauses end at once.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// False: the end.
  [[nodiscard]] bool pause(std::chrono::milliseconds duration);

 private:
  std::mutex mutex_;
  bool stopping_ = false;  // guarded by mutex_
  std::condition_variable stop_;
  std::thread thread_;
};

}  // namespace foreword::proxy
