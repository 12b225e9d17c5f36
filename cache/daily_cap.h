// What may be spent in a day on requests that no client asked for.
#pragma once

#include <cstdint>

#include "config/cache_terms.h"
#include "config/money.h"

namespace foreword::cache {

/// What may be spent a day (UTC), and has been spent today. Not thread-safe.
class DailyCap {
 public:
  explicit DailyCap(config::Picodollars most) : most_(most) {}
  /// False: that much more would be too much today.
  [[nodiscard]] bool allows(config::Picodollars cost, config::TimePoint now);
  /// False: it would be too much on any day.
  [[nodiscard]] bool ever_allows(config::Picodollars cost) const { return cost <= most_; }
  void spend(config::Picodollars cost, config::TimePoint now);
  /// What was spent at `then` has turned out to cost `cost`.
  void correct(config::Picodollars spent, config::Picodollars cost, config::TimePoint then);

 private:
  void begin_day(config::TimePoint now);
  config::Picodollars most_;
  config::Picodollars spent_ = 0;
  std::int64_t day_ = 0;
};

}  // namespace foreword::cache
