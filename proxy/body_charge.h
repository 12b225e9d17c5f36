// What one request's body holds of the memory that the bodies of all requests share.
#pragma once

#include <atomic>
#include <cstddef>

namespace foreword::proxy {

/// Belongs to one thread; `held` is shared by all, and outlives this. Gives back what it holds.
class BodyCharge {
 public:
  /// `most`: of all bodies together.
  BodyCharge(std::atomic<std::size_t>& held, std::size_t most) : held_(held), most_(most) {}
  ~BodyCharge() { release(); }
  BodyCharge(const BodyCharge&) = delete;
  BodyCharge& operator=(const BodyCharge&) = delete;

  /// `bytes` in all, never fewer than before. False: there is no room for more; what came so far
  /// stays charged.
  [[nodiscard]] bool grow_to(std::size_t bytes) {
    const auto more = bytes - charged_;
    if (held_.fetch_add(more, std::memory_order_relaxed) + more > most_) {
      held_.fetch_sub(more, std::memory_order_relaxed);
      return false;
    }
    charged_ = bytes;
    return true;
  }
  void release() {
    held_.fetch_sub(charged_, std::memory_order_relaxed);
    charged_ = 0;
  }

 private:
  std::atomic<std::size_t>& held_;
  std::size_t most_;
  std::size_t charged_ = 0;
};

}  // namespace foreword::proxy
