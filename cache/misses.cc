#include "cache/misses.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "cache/why_missed.h"
#include "config/cache_terms.h"

namespace foreword::cache {
namespace {

using config::PicodollarTotal;
using config::TokenClass;

constexpr std::array<std::string_view, kMissCauses> kNames{
    "first_use", "new_version", "expired",   "together",      "unexplained",
    "refused",   "left_out",    "too_short", "not_asked_for", "broken_off"};

constexpr std::array kWrites{TokenClass::cache_write_5m, TokenClass::cache_write_1h,
                             TokenClass::cache_write_30m, TokenClass::cache_write_12h};
/// Models, knowledge bases and upstreams are few; labels are not in the key.
constexpr std::size_t kMaxPending = 10'000;
/// A share of the knowledge base below which a miss is the estimate's own error.
constexpr std::uint64_t kNoticedShare = 20;

std::uint64_t written(const config::TokenCounts& tokens) {
  std::uint64_t sum = 0;
  for (const auto write : kWrites) sum += tokens[write];
  return sum;
}

/// Tokens of the knowledge base that were written or sent plain.
std::uint64_t missed_tokens(const LedgerRow& row) {
  const auto kb = row.kb_tokens_estimate;
  const auto read = row.tokens[TokenClass::cache_read];
  if (kb <= read) return 0;
  const auto missed = std::min(kb - read, row.tokens.prompt() - read);
  return missed * kNoticedShare > kb ? missed : 0;
}

/// The same usage with so many tokens read that were written or plain.
config::TokenCounts had_they_been_read(config::TokenCounts tokens, std::uint64_t missed) {
  const auto move = [&](TokenClass from) {
    const auto moved = std::min(missed, tokens[from]);
    tokens[from] -= moved;
    tokens[TokenClass::cache_read] += moved;
    missed -= moved;
  };
  for (const auto write : kWrites) move(write);
  move(TokenClass::input);
  return tokens;
}

/// A prompt that missed, until it is known what was before it.
struct Pending {
  config::TimePoint started;
  std::string kb_version;
  Miss miss;
  std::chrono::seconds usual_time_to_live{};
  std::optional<CacheUse> before;
};

MissCause cause_of(Pending& pending) {
  auto& before = pending.before;
  if (before && !before->time_to_live) before->time_to_live = pending.usual_time_to_live;
  switch (why_missed(pending.started, pending.kb_version, before)) {
    case MissReason::first_use:
      return MissCause::first_use;
    case MissReason::expired:
      return MissCause::expired;
    case MissReason::new_version:
      return MissCause::new_version;
    case MissReason::too_soon:
      return MissCause::together;
    case MissReason::unexplained:
      break;
  }
  return MissCause::unexplained;
}

class Explaining {
 public:
  explicit Explaining(const config::ModelTable& models) : models_(models) {}

  /// Newest first.
  void add(const LedgerRow& row) {
    if (!row.priced || row.outcome == Outcome::provisional || row.tokens.prompt() == 0) return;
    const auto* model = models_.find(row.provider, row.model);
    if (model == nullptr) return;
    ++result_.prompts;
    if (row.outcome != Outcome::complete) {
      count(MissCause::broken_off, {1, row.tokens.total(), row.cost_actual});
    }
    if (row.kb.empty()) {
      add_without_kb(row, *model);
    } else {
      add_with_kb(row, *model);
    }
  }

  Misses finish(const RowWindow& window) {
    for (auto& [key, pending] : pending_) count(cause_of(pending), pending.miss);
    result_.window = window;
    return result_;
  }

 private:
  void count(MissCause cause, const Miss& miss) {
    auto& sum = result_.by_cause[static_cast<std::size_t>(cause)];
    sum.requests += miss.requests;
    sum.tokens += miss.tokens;
    sum.lost += miss.lost;
  }

  PicodollarTotal lost(const LedgerRow& row, const config::Model& model, std::uint64_t missed) {
    const auto paid = models_.cost(model, row.tokens, row.terms, row.started).actual;
    const auto read = had_they_been_read(row.tokens, missed);
    return PicodollarTotal{paid} - models_.cost(model, read, row.terms, row.started).actual;
  }

  void add_without_kb(const LedgerRow& row, const config::Model& model) {
    const auto prompt = row.tokens.prompt();
    const bool left_out = row.placement.starts_with("skipped_") || row.placement == "refused";
    if (row.tokens[TokenClass::cache_read] > 0) {
      ++result_.hits;
    } else if (left_out) {
      count(MissCause::left_out, {1, prompt, 0});
    } else if (prompt < config::cache_terms(model, row.started).min_tokens) {
      count(MissCause::too_short, {1, prompt, 0});
    } else if (written(row.tokens) == 0) {
      count(MissCause::not_asked_for, {1, prompt, lost(row, model, prompt)});
    }
  }

  void add_with_kb(const LedgerRow& row, const config::Model& model) {
    const auto key = std::tuple(row.upstream, row.model, row.kb);
    const auto missed = missed_tokens(row);
    if (const auto found = pending_.find(key); found != pending_.end()) {
      auto& pending = found->second;
      // Of one miss after the other each has its turn, even if it could learn more.
      if (!learn_backwards(row, pending.before) || missed > 0) {
        count(cause_of(pending), pending.miss);
        pending_.erase(found);
      }
    }
    if (missed == 0) {
      ++result_.hits;
      return;
    }
    const Miss miss{1, missed, lost(row, model, missed)};
    if (!row.refused.empty()) {
      count(MissCause::refused, miss);
    } else if (pending_.size() < kMaxPending) {
      const std::chrono::seconds usual(config::cache_terms(model, row.started).ttl_short_s);
      pending_[key] = {row.started, row.kb_version, miss, usual, std::nullopt};
    } else {
      count(MissCause::unexplained, miss);
    }
  }

  const config::ModelTable& models_;
  Misses result_;
  /// By upstream, model and knowledge base.
  std::map<std::tuple<std::string, std::string, std::string>, Pending> pending_;
};

}  // namespace

std::string_view name_of(MissCause cause) {
  return kNames[static_cast<std::size_t>(cause)];
}

config::Result<Misses> misses(const Store& store, const TimeRange& range,
                              const config::ModelTable& models, std::uint64_t most_rows) {
  Explaining explaining(models);
  const auto window =
      for_latest_rows(store, range, most_rows, [&](const LedgerRow& row) { explaining.add(row); });
  if (!window) return window.error();
  return explaining.finish(*window);
}

}  // namespace foreword::cache
