// What the rate-limit headers say: how much of this minute's allowance an account has used.
//
// It counts, it does not refuse. Windows are whole minutes. Safe to use from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>

#include "config/hash128.h"
#include "simulator/clock.h"

namespace foreword::simulator {

struct RateUse {
  std::uint64_t requests = 0;
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
  TimePoint reset;  // when the window ends
};

class RateMeter {
 public:
  /// Adds one request and its tokens; returns the sums of the running minute, this one included.
  RateUse add(const config::Hash128& account, TimePoint now, std::uint64_t input_tokens,
              std::uint64_t output_tokens) {
    const TimePoint reset = std::chrono::ceil<std::chrono::minutes>(now + std::chrono::seconds(1));
    const std::lock_guard lock(mutex_);
    // Accounts of the last minute only: the map stays as small as the traffic.
    if (reset != reset_) used_.clear();
    reset_ = reset;
    RateUse& use = used_[account];
    use.requests += 1;
    use.input_tokens += input_tokens;
    use.output_tokens += output_tokens;
    use.reset = reset;
    return use;
  }

 private:
  std::mutex mutex_;
  TimePoint reset_;
  std::map<config::Hash128, RateUse> used_;
};

}  // namespace foreword::simulator
