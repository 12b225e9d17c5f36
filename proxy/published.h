// A value that one thread replaces while others read it: each reader keeps the one that it took.
//
// Not std::atomic<std::shared_ptr>: libstdc++ 12's load() lets go of its lock without an order that
// store() could rely on, which is a race by the letter of the standard and to ThreadSanitizer.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace foreword::proxy {

/// Thread-safe.
template <class T>
class Published {
 public:
  explicit Published(std::shared_ptr<T> value = nullptr) : value_(std::move(value)) {}

  [[nodiscard]] std::shared_ptr<T> load() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void store(std::shared_ptr<T> value) {
    const std::lock_guard lock(mutex_);
    value_.swap(value);  // the old value may go only after the lock
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<T> value_;
};

}  // namespace foreword::proxy
