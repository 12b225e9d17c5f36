// Which of OpenAI's machines a request goes to, before gpt-5.6: by the front of its prompt and its
// key.
//
// About 15 requests a minute fit on one machine; the rest goes to the next one, whose cache is
// cold. Safe to use from any thread; remembers one minute.
#pragma once

#include <deque>
#include <map>
#include <mutex>

#include "config/hash128.h"
#include "simulator/clock.h"

namespace foreword::simulator {

class OpenAiRouter {
 public:
  static constexpr std::size_t kRequestsPerMachine = 15;

  /// The number of the machine, from 0, for the next request of that route.
  [[nodiscard]] std::size_t route(const config::Hash128& route, TimePoint now) {
    const std::lock_guard lock(mutex_);
    const TimePoint oldest = now - std::chrono::minutes(1);
    while (!order_.empty() && order_.front().at <= oldest) {
      const auto found = counts_.find(order_.front().route);
      if (--found->second == 0) counts_.erase(found);
      order_.pop_front();
    }
    order_.push_back({now, route});
    return counts_[route]++ / kRequestsPerMachine;
  }

 private:
  struct Seen {
    TimePoint at;
    config::Hash128 route;
  };
  std::mutex mutex_;
  std::deque<Seen> order_;
  std::map<config::Hash128, std::size_t> counts_;
};

}  // namespace foreword::simulator
