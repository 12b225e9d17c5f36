// A clock that moves only when it is told to, and who waits for it: for tests of what a proxy does
// over hours (`foreword serve --virtual-time`).
//
// Thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "config/models.h"

namespace foreword::proxy {

class VirtualClock {
 public:
  /// As the provider simulator's, so that both tell the same time.
  static constexpr config::TimePoint kStart =
      std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + std::chrono::hours{12};

  /// Who may wait, several times if need be.
  struct Waiter {
    std::uint64_t number = 0;
    config::TimePoint until;
    std::function<void()> wake;
  };

  [[nodiscard]] config::TimePoint now() const;
  /// Wakes those whose time has passed: earlier times first, those of one time in the order in
  /// which their waiters were made. Each is called from this thread, without a lock.
  void advance(std::chrono::microseconds by);

  [[nodiscard]] std::shared_ptr<Waiter> make_waiter(std::function<void()> wake);
  /// `waiter` is woken once the clock is past `until`, by a move from now on.
  void wait(const std::shared_ptr<Waiter>& waiter, config::TimePoint until);
  void stop_waiting(const std::shared_ptr<Waiter>& waiter);

  struct Waiting {
    std::size_t count = 0;
    /// The earliest time that is waited for.
    std::optional<config::TimePoint> next;
  };
  [[nodiscard]] Waiting waiting() const;

 private:
  mutable std::mutex mutex_;
  config::TimePoint now_ = kStart;
  std::uint64_t made_ = 0;
  std::vector<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace foreword::proxy
