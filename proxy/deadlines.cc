#include "proxy/deadlines.h"

#include "config/limits.h"

namespace foreword::proxy {

Task<void> Deadlines::run() {
  while (!stopped_) {
    timer_.expires_after(config::limits::kDeadlineTick);
    const auto [error] = co_await timer_.async_wait(use_tuple);
    if (error) continue;
    const auto now = SteadyClock::now();
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
