#include "tools/replay/replay.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <optional>
#include <queue>
#include <span>
#include <stdexcept>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "cache/daily_cap.h"

namespace foreword::replay {
namespace {

using config::TokenClass;

constexpr double kMicroseconds = 1e6;

/// Strictly behind `at`: whoever computes a first byte again may be off in the last bit.
double next_microsecond(double at) {
  return (std::floor(at * kMicroseconds) + 1) / kMicroseconds;
}

double this_microsecond(double at) {
  return std::floor(at * kMicroseconds) / kMicroseconds;
}

/// For counting days from the trace's begin.
config::TimePoint day_time(double at) {
  return config::TimePoint(std::chrono::microseconds(std::llround(at * kMicroseconds)));
}

/// A request that was told to wait.
struct Waiting {
  double until = 0;
  std::size_t request = 0;
  bool operator>(const Waiting& other) const {
    return std::tie(until, request) > std::tie(other.until, other.request);
  }
};

config::TokenCounts counts(const Billed& billed, config::Provider provider) {
  config::TokenCounts counts;
  counts[TokenClass::input] = billed.input;
  counts[TokenClass::cache_read] = billed.read;
  counts[config::write_class(provider, false)] += billed.write_short;
  counts[config::write_class(provider, true)] += billed.write_long;
  return counts;
}

class Run {
 public:
  Run(const Trace& trace, const config::CacheTerms& terms, const Pricing& pricing, Policy& policy,
      PlanWriter* plan)
      : trace_(trace),
        terms_(terms),
        pricing_(pricing),
        policy_(policy),
        plan_(plan),
        provider_(trace, terms),
        sent_(trace.size()) {
    if (pricing.pings_per_day) cap_.emplace(*pricing.pings_per_day);
  }

  Outcome all() {
    while (next_ < trace_.size() || !waiting_.empty()) {
      const auto [at, i] = take_next();
      ping_until(at);
      now_ = at;
      const auto decision = policy_.decide(i, at);
      if (decision.wait_until > at) {
        waiting_.push({next_microsecond(decision.wait_until), i});
      } else {
        send(i, decision.marks);
      }
    }
    return outcome_;
  }

 private:
  /// The earliest of those that come and those that wait.
  Waiting take_next() {
    const bool comes = next_ < trace_.size();
    const Waiting coming{comes ? trace_[next_].at : 0, next_};
    if (comes && (waiting_.empty() || waiting_.top() > coming)) {
      ++next_;
      return coming;
    }
    const auto top = waiting_.top();
    waiting_.pop();
    return top;
  }

  void ping_until(double until) {
    while (auto ping = policy_.next_ping(until)) {
      const auto refused = ping->request >= sent_.size() || !sent_[ping->request] ||
                           ping->at < now_ || ping->at > until;
      if (refused) throw std::logic_error("a policy pings what or when it cannot");
      ping->at = std::max(this_microsecond(ping->at), now_);
      if (!has_money_for(*ping)) {
        policy_.ping_refused(*ping);
        continue;
      }
      now_ = ping->at;
      const Mark mark{ping->position, ping->ttl_s};
      refuse_illegal({&mark, 1}, trace_.segment_count(ping->request), ping->request);
      const auto answer = provider_.send(ping->request, ping->position, {&mark, 1}, now_);
      ++outcome_.pings;
      outcome_.pings_billed += answer.billed;
      const auto cost = price(answer.billed).actual;
      outcome_.pings_cost += cost;
      if (cap_) cap_->spend(cost, day_time(now_));
      policy_.pinged(*ping, answer.billed);
      if (plan_ != nullptr) plan_->pinged(trace_[ping->request].source, *ping);
    }
  }

  /// As the proxy does: by what it costs if it does not find its entry.
  bool has_money_for(const Ping& ping) {
    if (!cap_) return true;
    const auto tokens = trace_.tokens(ping.request, ping.position);
    const bool longer = ping.ttl_s == terms_.ttl_long_s;
    const Billed written{.write_short = longer ? 0 : tokens, .write_long = longer ? tokens : 0};
    return cap_->allows(price(written).actual, day_time(ping.at));
  }

  void send(std::size_t i, std::span<const Mark> marks) {
    refuse_illegal(marks, trace_.segment_count(i), i);
    const auto answer = provider_.send(i, trace_.segment_count(i), marks, now_);
    outcome_.billed += answer.billed;
    sent_[i] = true;
    const auto cost = price(answer.billed);
    outcome_.cost += cost.actual;
    outcome_.cost_uncached += cost.uncached;
    const auto wait = now_ - trace_[i].at;
    if (wait > 0) ++outcome_.waited;
    outcome_.waited_s += wait;
    outcome_.longest_wait_s = std::max(outcome_.longest_wait_s, wait);
    policy_.sent(i, now_, answer.billed, answer.first_byte_at);
    if (plan_ != nullptr) plan_->sent(trace_[i].source, now_, marks);
  }

  void refuse_illegal(std::span<const Mark> marks, std::uint32_t segments, std::size_t i) const {
    if (const auto why = refusal(marks, segments, terms_)) {
      throw std::logic_error(fmt::format("a policy asks for {}, at request {}", *why, i));
    }
  }

  [[nodiscard]] config::Cost price(const Billed& billed) const {
    return pricing_.table.cost(pricing_.model, counts(billed, pricing_.model.provider), {},
                               pricing_.at);
  }

  const Trace& trace_;
  const config::CacheTerms& terms_;
  const Pricing& pricing_;
  Policy& policy_;
  PlanWriter* plan_;
  VirtualProvider provider_;
  std::vector<bool> sent_;
  std::size_t next_ = 0;  // of the trace
  std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting_;
  std::optional<cache::DailyCap> cap_;  // of pings
  double now_ = 0;
  Outcome outcome_;
};

}  // namespace

double Outcome::bill(const config::CacheTerms& terms) const {
  return (billed.units(terms) + pings_billed.units(terms)) / static_cast<double>(billed.total());
}

double Outcome::hit_rate() const {
  return static_cast<double>(billed.read) / static_cast<double>(billed.total());
}

double Outcome::mean_wait_s(std::size_t requests) const {
  return waited_s / static_cast<double>(requests);
}

Outcome run(const Trace& trace, const config::CacheTerms& terms, const Pricing& pricing,
            Policy& policy, PlanWriter* plan) {
  return Run(trace, terms, pricing, policy, plan).all();
}

}  // namespace foreword::replay
