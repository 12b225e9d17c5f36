#include "cache/daily_cap.h"

#include <chrono>

namespace foreword::cache {
namespace {

std::int64_t day_of(config::TimePoint time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

}  // namespace

bool DailyCap::allows(config::Picodollars cost, config::TimePoint now) {
  begin_day(now);
  return cost <= most_ - spent_;
}

void DailyCap::spend(config::Picodollars cost, config::TimePoint now) {
  begin_day(now);
  spent_ += cost;
}

void DailyCap::correct(config::Picodollars spent, config::Picodollars cost,
                       config::TimePoint then) {
  if (day_of(then) == day_) spent_ += cost - spent;
}

void DailyCap::begin_day(config::TimePoint now) {
  const auto today = day_of(now);
  if (today == day_ || today + 1 == day_) return;  // at midnight clocks are set back
  day_ = today;
  spent_ = 0;
}

}  // namespace foreword::cache
