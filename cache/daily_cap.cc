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
  if (day_of(now) <= day_) return;  // clocks are set back, and answers come after midnight
  day_ = day_of(now);
  spent_ = 0;
}

}  // namespace foreword::cache
