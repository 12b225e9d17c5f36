// Between the look at what is remembered and the note of what was sent nobody else may look: of two
// prompts that would write the same to a provider's cache, one has to see the other.
#pragma once

#include <array>
#include <cstddef>
#include <mutex>

#include "config/hash128.h"

namespace foreword::proxy {

/// Thread-safe. By what a prompt begins with; to be held for microseconds, never across a wait.
class Turns {
 public:
  [[nodiscard]] std::unique_lock<std::mutex> take(const config::Hash128& root) {
    return std::unique_lock(mutexes_[root.low % kMutexes]);
  }

 private:
  static constexpr std::size_t kMutexes = 64;
  std::array<std::mutex, kMutexes> mutexes_;
};

}  // namespace foreword::proxy
