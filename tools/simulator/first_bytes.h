// When answers begin under virtual time, and which ones are held back until then.
//
// Thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>

#include "simulator/clock.h"

namespace foreword::simulator {

/// How long after its request an answer begins: 0.4 s, and what is not read from a cache at 12,000
/// tokens a second, rounded up. No provider publishes it.
[[nodiscard]] constexpr std::chrono::microseconds time_to_first_byte(std::uint64_t uncached) {
  constexpr std::uint64_t kTokensPerSecond = 12'000;
  return std::chrono::milliseconds(400) +
         std::chrono::microseconds((uncached * 1'000'000 + kTokensPerSecond - 1) /
                                   kTokensPerSecond);
}

class FirstBytes {
 public:
  /// An answer that is held back, for as long as this lives.
  class Held {
   public:
    Held(FirstBytes& all, TimePoint at) : all_(all), at_(at) { all_.add(at_); }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() { all_.remove(at_); }

   private:
    FirstBytes& all_;
    TimePoint at_;
  };

  struct Summary {
    std::size_t count = 0;
    std::optional<TimePoint> next;
  };
  [[nodiscard]] Summary held() const {
    const std::lock_guard lock(mutex_);
    Summary summary;
    summary.count = times_.size();
    if (!times_.empty()) summary.next = *times_.begin();
    return summary;
  }

 private:
  void add(TimePoint at) {
    const std::lock_guard lock(mutex_);
    times_.insert(at);
  }
  void remove(TimePoint at) {
    const std::lock_guard lock(mutex_);
    times_.erase(times_.find(at));
  }

  mutable std::mutex mutex_;
  std::multiset<TimePoint> times_;
};

}  // namespace foreword::simulator
