#include "tools/replay/foreword_policy.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>
#include <vector>

#include "assembler/gate.h"
#include "assembler/mark_choice.h"
#include "cache/prefix_memory.h"
#include "cache/warm_keeper.h"
#include "config/limits.h"

namespace foreword::replay {
namespace {

using config::Lifetime;
using config::PromptPrefix;
using config::TimePoint;

constexpr std::size_t kMemoryBytes = std::size_t{1} << 30;

/// The trace's clock begins on some day: only differences matter.
constexpr TimePoint kStart = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};

TimePoint time_of(double seconds) {
  return kStart + std::chrono::microseconds(std::llround(seconds * 1e6));
}
double trace_time(TimePoint time) {
  return std::chrono::duration<double>(time - kStart).count();
}

/// Segments are prefixes already, so a number is all that their hash has to tell. The first one
/// stands for the root, so that prompts which share it meet.
config::Hash128 hash_of(Segment segment) {
  const std::uint64_t number = segment + std::uint64_t{1};
  return {number * 0x9e3779b97f4a7c15, (number ^ number << 31) * 0xd6e8feb86659fd93};
}

class ForewordPolicy final : public Policy {
 public:
  ForewordPolicy(const Trace& trace, const config::CacheTerms& terms, bool keeps_warm)
      : trace_(trace),
        terms_(terms),
        keeps_warm_(keeps_warm),
        scope_{{1, 1},
               std::chrono::seconds(terms.ttl_short_s),
               std::chrono::seconds(terms.ttl_long_s),
               terms.lookback} {}

  Decision decide(std::size_t i, double now) override {
    read_prompt(i);
    choice_ = {};
    tell_what_began(now);
    if (assembler::is_far_too_small(prefixes_, terms_)) return {};
    const auto outlook = memory_.outlook(scope_, prefixes_, time_of(now));
    Decision decision;
    const auto later = assembler::wait_until(prefixes_, outlook, terms_, time_of(now),
                                             config::limits::kGateMaxWait);
    if (later && trace_time(*later) > now && !has_waited_enough(i, now)) {
      decision.wait_until = trace_time(*later);
      return decision;
    }
    choice_ = assembler::choose_marks(prefixes_, outlook, terms_, terms_.max_marks);
    for (const auto& mark : choice_.marks) {
      decision.marks.push_back({mark.position, life_of(mark.lifetime)});
    }
    return decision;
  }

  void sent(std::size_t i, double now, const Billed&, double visible_at) override {
    read_prompt(i);
    told_ = time_of(now);
    if (assembler::is_far_too_small(prefixes_, terms_)) return;
    const auto receipt =
        memory_.sent(scope_, prefixes_, choice_.marks, time_of(now), {time_of(visible_at), true});
    writing_.push({visible_at, receipt});
    // What a longer entry served has no need of a shared one.
    if (!keeps_warm_ || receipt.shared == 0 || receipt.read > receipt.shared) return;
    const auto& prefix = prefixes_[receipt.shared - 1];
    if (prefix.tokens < terms_.min_tokens) return;
    kept_[prefix.hash] = {i, receipt.shared, life_of(receipt.shared_lifetime)};
    keeper_.used(prefixes_, receipt.shared, receipt.shared_expires,
                 cache::keep_warm_terms(terms_, receipt.shared_lifetime));
  }

  std::optional<Ping> next_ping(double until) override {
    for (auto next = keeper_.next(); next && *next <= time_of(until); next = keeper_.next()) {
      // One whose entry was about to expire when it was used is due at once, and not before that.
      const auto at = std::max(*next, told_);
      const auto prefix = keeper_.take_due(at);
      if (!prefix) continue;
      const auto& kept = kept_.find(*prefix)->second;
      return Ping{kept.request, kept.position, trace_time(at), kept.ttl_s};
    }
    return std::nullopt;
  }

  void pinged(const Ping& ping, const Billed&) override {
    told_ = time_of(ping.at);
    const auto segments = trace_.segments(ping.request);
    const auto prefix = hash_of(segments[ping.position - 1]);
    const auto expires = time_of(ping.at + ping.ttl_s);
    memory_.kept_warm(hash_of(segments[0]), prefix, expires);
    keeper_.pinged(prefix, expires);
  }

  void ping_refused(const Ping& ping) override {
    const auto segments = trace_.segments(ping.request);
    keeper_.let_go(hash_of(segments[ping.position - 1]));
  }

 private:
  struct Kept {
    std::size_t request = 0;  // the latest that shares it
    std::uint32_t position = 0;
    std::int32_t ttl_s = 0;
  };
  struct Writing {
    double visible_at = 0;
    cache::PrefixMemory::Receipt receipt;
    bool operator>(const Writing& other) const { return visible_at > other.visible_at; }
  };
  struct HashOfHash {
    std::size_t operator()(const config::Hash128& hash) const { return hash.low; }
  };

  /// As the proxy tells the memory when an answer begins.
  void tell_what_began(double now) {
    for (; !writing_.empty() && writing_.top().visible_at <= now; writing_.pop()) {
      const auto& began = writing_.top();
      memory_.began(began.receipt, time_of(began.visible_at));
    }
  }
  bool has_waited_enough(std::size_t i, double now) {
    const auto began = began_to_wait_.try_emplace(i, now).first->second;
    const auto most =
        assembler::longest_wait(prefixes_.back().tokens, config::limits::kGateMaxWait);
    return time_of(now) - time_of(began) >= most;
  }
  [[nodiscard]] std::int32_t life_of(Lifetime lifetime) const {
    return lifetime == Lifetime::brief ? terms_.ttl_short_s : terms_.ttl_long_s;
  }
  void read_prompt(std::size_t i) {
    const auto segments = trace_.segments(i);
    prefixes_.resize(segments.size());
    for (std::uint32_t k = 0; k < segments.size(); ++k) {
      prefixes_[k].hash = hash_of(segments[k]);
      prefixes_[k].tokens = trace_.tokens(i, k + 1);
    }
  }

  const Trace& trace_;
  const config::CacheTerms terms_;
  const bool keeps_warm_;
  const cache::CacheScope scope_;
  cache::PrefixMemory memory_{kMemoryBytes, kStart};
  cache::WarmKeeper keeper_{config::limits::kPingAhead};
  std::vector<PromptPrefix> prefixes_;
  assembler::MarkChoice choice_;  // of the request that is about to be sent
  std::priority_queue<Writing, std::vector<Writing>, std::greater<>> writing_;
  boost::unordered_flat_map<std::size_t, double> began_to_wait_;  // of requests that have waited
  boost::unordered_flat_map<config::Hash128, Kept, HashOfHash> kept_;
  TimePoint told_ = kStart;  // of the latest that was sent
};

}  // namespace

std::unique_ptr<Policy> foreword_policy(const Trace& trace, const config::CacheTerms& terms,
                                        bool keeps_warm) {
  return std::make_unique<ForewordPolicy>(trace, terms, keeps_warm);
}

}  // namespace foreword::replay
