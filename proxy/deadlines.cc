#include "proxy/deadlines.h"

#include <ctime>

#include "config/limits.h"

namespace foreword::proxy {

SteadyClock::time_point deadline_clock() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);  // counts from the same moment as SteadyClock
  return SteadyClock::time_point(std::chrono::seconds(now.tv_sec) +
                                 std::chrono::nanoseconds(now.tv_nsec));
}

Task<void> Deadlines::run() {
  while (!stopped_) {
    timer_.expires_after(config::limits::kDeadlineTick);
    const auto [error] = co_await timer_.async_wait(use_tuple);
    if (error) continue;
    const auto now = deadline_clock();
    for (auto it = entries_.begin(); it != entries_.end();) {
      Expirable& entry = *it++;
      entry.look(now);
    }
  }
}

void Deadlines::stop() {
  stopped_ = true;
  timer_.cancel();
}

}  // namespace foreword::proxy
