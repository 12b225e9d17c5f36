#include "cache/warm_keeper.h"

#include <algorithm>

namespace foreword::cache {
namespace {

/// Without evidence, one ping of three pays. What all prefixes say counts as much as so many pings
/// of its own.
constexpr double kPaidPrior = 2;
constexpr double kLostPrior = 4;
constexpr double kSharedPings = 3;
/// A ping has to be expected to save so much more than it costs.
constexpr double kMargin = 1.2;
/// What is remembered of one prefix, in pings: older ones fade.
constexpr double kRemembered = 30;

}  // namespace

void WarmKeeper::used(std::span<const config::PromptPrefix> prompt, std::uint32_t position,
                      config::TimePoint expires, const KeepWarmPrices& prices) {
  const auto& prefix = prompt[position - 1].hash;
  for (const auto& other : prompt) {
    if (other.hash != prefix) let_go(other.hash);
  }
  Kept& kept = kept_[prefix];
  if (kept.unanswered > 0) {
    kept.paid += 1;
    paid_ += 1;
  }
  kept.unanswered = 0;
  kept.prices = prices;
  wait_until(prefix, kept, expires);
}

void WarmKeeper::pinged(const config::Hash128& prefix, config::TimePoint expires) {
  const auto found = kept_.find(prefix);
  if (found == kept_.end()) return;
  ++found->second.unanswered;
  wait_until(prefix, found->second, expires);
}

void WarmKeeper::let_go(const config::Hash128& prefix) {
  const auto found = kept_.find(prefix);
  if (found != kept_.end()) stop_waiting(prefix, found->second);
}

std::optional<config::TimePoint> WarmKeeper::next() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.begin()->first;
}

std::vector<config::Hash128> WarmKeeper::due(config::TimePoint now) {
  std::vector<config::Hash128> worth;
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    const auto prefix = waiting_.begin()->second;
    Kept& kept = kept_.find(prefix)->second;
    stop_waiting(prefix, kept);
    if (kept.unanswered > 0) {
      kept.lost += 1;
      lost_ += 1;
    }
    if (kept.paid + kept.lost > kRemembered) {
      kept.paid /= 2;
      kept.lost /= 2;
    }
    if (is_worth_it(kept)) {
      worth.push_back(prefix);
    } else {
      kept.unanswered = 0;
    }
  }
  return worth;
}

bool WarmKeeper::is_worth_it(const Kept& kept) const {
  const double saved = kept.prices.write - kept.prices.read;
  const double shared = (paid_ + kPaidPrior) / (paid_ + lost_ + kPaidPrior + kLostPrior);
  const double chance =
      (kept.paid + kSharedPings * shared) / (kept.paid + kept.lost + kSharedPings);
  return chance * saved > kMargin * kept.prices.read && kept.unanswered * kept.prices.read < saved;
}

void WarmKeeper::wait_until(const config::Hash128& prefix, Kept& kept, config::TimePoint expires) {
  const auto due = expires - ahead_;
  if (kept.waiting && kept.due == due) return;
  stop_waiting(prefix, kept);
  kept.due = due;
  kept.waiting = true;
  waiting_.emplace(due, prefix);
}

void WarmKeeper::stop_waiting(const config::Hash128& prefix, Kept& kept) {
  if (!kept.waiting) return;
  kept.waiting = false;
  const auto [begin, end] = waiting_.equal_range(kept.due);
  waiting_.erase(std::find_if(begin, end, [&](const auto& item) { return item.second == prefix; }));
}

}  // namespace foreword::cache
