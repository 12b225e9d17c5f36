#include "cache/warm_keeper.h"

#include <algorithm>

namespace foreword::cache {
namespace {

/// Without evidence, one ping of seven pays where a use was just missed, which is enough to try a
/// few; later, next to none.
constexpr double kPaidPrior = 0.6;
constexpr double kPaidLaterPrior = 0.1;
constexpr double kLostPrior = 3.6;
/// What all such prefixes say counts as much as so many pings of its own.
constexpr double kSharedPings = 3;
/// A ping has to be expected to save so much more than it costs.
constexpr double kMargin = 1.2;
/// What is remembered, in pings, of one prefix and of all of a class: older ones fade.
constexpr double kRemembered = 30;
constexpr double kSharedRemembered = 300;
/// After so many times to live nobody waits for its next use any more.
constexpr std::uint32_t kMostWaited = 24;

/// Beyond so many one is like another.
constexpr std::uint32_t kFewWaits = 3;
std::size_t step_of_wait(std::uint32_t waited) {
  return waited == 0 ? 0 : waited < kFewWaits ? 1 : 2;
}
std::size_t step_of_uses(std::uint32_t uses) {
  return uses < 3 ? 0 : uses < 8 ? 1 : 2;
}

}  // namespace

KeepWarmTerms keep_warm_terms(const config::CacheTerms& terms, config::Lifetime lifetime) {
  if (lifetime == config::Lifetime::extended) {
    return {terms.read, terms.write_long, 0, std::chrono::seconds(terms.ttl_long_s)};
  }
  const double longer = terms.write_long > 0 ? terms.write_long - terms.write_short : 0;
  return {terms.read, terms.write_short, longer, std::chrono::seconds(terms.ttl_short_s)};
}

void WarmKeeper::used(std::span<const config::PromptPrefix> prompt, std::uint32_t position,
                      config::TimePoint expires, const KeepWarmTerms& terms) {
  const auto& prefix = prompt[position - 1].hash;
  config::Hash128 inner;
  for (const auto& other : prompt) {
    const auto found = kept_.find(other.hash);
    if (other.hash == prefix || found == kept_.end()) continue;
    // Whether its own pings would have paid is not known: this one would have served as well.
    found->second.waited = 0;
    stop_waiting(other.hash, found->second);
    if (&other < &prompt[position - 1]) inner = other.hash;
  }
  Kept& kept = kept_[prefix];
  kept.expires = expires;
  kept.tokens = prompt[position - 1].tokens;
  kept.inner = inner;
  answered(kept);
  if (kept.cold || kept.terms.lives != terms.lives) kept.kept = 0;
  kept.cold = false;
  kept.terms = terms;
  ++kept.uses;
  wait_until(prefix, kept, expires - ahead_);
}

void WarmKeeper::pinged(const config::Hash128& prefix, config::TimePoint expires) {
  const auto found = kept_.find(prefix);
  if (found == kept_.end() || expires < found->second.expires) return;
  ++found->second.waited;
  ++found->second.sent;
  ++found->second.kept;
  found->second.expires = expires;
  wait_until(prefix, found->second, expires - ahead_);
}

void WarmKeeper::let_go(const config::Hash128& prefix) {
  const auto found = kept_.find(prefix);
  if (found == kept_.end()) return;
  found->second.waited = 0;
  found->second.cold = true;
  stop_waiting(prefix, found->second);
}

void WarmKeeper::forget(const config::Hash128& prefix) {
  const auto found = kept_.find(prefix);
  if (found == kept_.end()) return;
  stop_waiting(prefix, found->second);
  kept_.erase(found);
}

std::optional<config::TimePoint> WarmKeeper::next() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.begin()->first;
}

std::optional<config::Hash128> WarmKeeper::take_due(config::TimePoint now) {
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    const auto prefix = waiting_.begin()->second;
    Kept& kept = kept_.find(prefix)->second;
    stop_waiting(prefix, kept);
    if (kept.waited > 0) count(kept, &Counts::lost);
    if (!kept.cold && now < kept.expires && is_worth_it(kept, now)) return prefix;
    kept.cold = true;
    if (kept.waited++ < kMostWaited) wait_until(prefix, kept, kept.due + kept.terms.lives);
  }
  return std::nullopt;
}

/// It is used: the ping before has paid, or would have.
void WarmKeeper::answered(Kept& kept) {
  if (kept.waiting && kept.waited > 0) count(kept, &Counts::paid);
  kept.waited = 0;
  kept.sent = 0;
}

/// What became of the latest ping.
void WarmKeeper::count(Kept& kept, double Counts::*what) {
  const auto wait = step_of_wait(kept.waited - 1);
  const auto add = [what](Counts& counts, double most) {
    counts.*what += 1;
    if (counts.paid + counts.lost <= most) return;
    counts.paid /= 2;
    counts.lost /= 2;
  };
  add(kept.own[wait], kRemembered);
  add(shared_of(kept, wait), kSharedRemembered);
}

WarmKeeper::Counts& WarmKeeper::shared_of(const Kept& kept, std::size_t wait) {
  return shared_[kept.terms.longer > 0 ? 0 : 1][step_of_uses(kept.uses)][wait];
}

double WarmKeeper::share_at_stake(const Kept& kept, config::TimePoint now) const {
  const auto inner = kept_.find(kept.inner);
  if (inner == kept_.end() || inner->second.expires <= now || kept.tokens == 0) return 1;
  return 1 - inner->second.tokens / kept.tokens;
}

double WarmKeeper::chance(const Kept& kept, std::size_t wait) {
  const auto& own = kept.own[wait];
  const auto& all = shared_of(kept, wait);
  const double paid = all.paid + (wait == 0 ? kPaidPrior : kPaidLaterPrior);
  const double shared = paid / (paid + all.lost + kLostPrior);
  return (own.paid + kSharedPings * shared) / (own.paid + own.lost + kSharedPings);
}

bool WarmKeeper::is_worth_it(const Kept& kept, config::TimePoint now) {
  const auto& terms = kept.terms;
  const double saved = (terms.write - terms.read) * share_at_stake(kept, now);
  if (kept.sent * terms.read >= saved) return false;
  // What takes so many had better be written for the longer time, at its next use.
  if (terms.longer > 0 && kept.kept * terms.read >= terms.longer) return false;
  // What this ping and those behind it are worth, from the last on: one that is in vain may lead to
  // one that pays.
  const double price = kMargin * terms.read;
  double worth = std::max(0.0, saved - price / chance(kept, kWaits - 1));
  for (auto waited = kFewWaits; waited > kept.waited; --waited) {
    const double pays = chance(kept, step_of_wait(waited - 1));
    worth = std::max(0.0, pays * saved + (1 - pays) * worth - price);
  }
  return worth > 0;
}

void WarmKeeper::wait_until(const config::Hash128& prefix, Kept& kept, config::TimePoint due) {
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
