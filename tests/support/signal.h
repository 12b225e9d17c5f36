// What one thread of a test tells another, once. Whoever waits gives up at a deadline, so that a
// test fails where it would hang.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>

namespace foreword::test {

// A mutex and a condition, because the semaphores of libstdc++ 12 can sleep through a release
// (GCC bug 104928) and a future without its promise's value waits for ever.
template <typename Value = std::monostate>
class Signal {
 public:
  /// The first value stays.
  void set(Value value = Value()) {
    const std::lock_guard lock(mutex_);
    if (!value_) value_ = std::move(value);
    set_.notify_all();
  }

  /// Nothing if nobody has set it by the end of `time`.
  std::optional<Value> wait(std::chrono::milliseconds time = std::chrono::seconds(20)) {
    std::unique_lock lock(mutex_);
    set_.wait_for(lock, time, [this] { return value_.has_value(); });
    return value_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable set_;
  std::optional<Value> value_;
};

}  // namespace foreword::test
