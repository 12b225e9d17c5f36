// What time it is for the caches: the machine's clock, or one that moves only when it is told to.
//
// Safe to use from any thread.
#pragma once

#include <atomic>
#include <chrono>

#include "config/models.h"

namespace foreword::simulator {

using config::TimePoint;

class Clock {
 public:
  explicit Clock(bool is_virtual) : is_virtual_(is_virtual) {}

  [[nodiscard]] bool is_virtual() const { return is_virtual_; }
  [[nodiscard]] TimePoint now() const {
    if (!is_virtual_) return std::chrono::system_clock::now();
    return kVirtualStart + elapsed();
  }
  /// Of virtual time.
  [[nodiscard]] std::chrono::microseconds elapsed() const {
    return std::chrono::microseconds(elapsed_us_.load());
  }
  /// REQUIRES: is_virtual().
  void advance(std::chrono::microseconds by) { elapsed_us_ += by.count(); }

 private:
  /// A fixed day, so that a run under virtual time can be repeated to the byte.
  static constexpr TimePoint kVirtualStart =
      std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + std::chrono::hours{12};

  const bool is_virtual_;
  std::atomic<std::int64_t> elapsed_us_{0};
};

}  // namespace foreword::simulator
