#include "proxy/keep_warm.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "cache/savings.h"
#include "proxy/log.h"
#include "proxy/prewarm.h"

namespace foreword::proxy {
namespace {

using namespace std::chrono_literals;

/// A ping counts from when the provider begins with it.
constexpr std::chrono::milliseconds kAhead = 5s;
constexpr std::chrono::milliseconds kBetweenLooks = 250ms;
/// Prefixes are few: a version, a model and an account each. What was not used longest goes.
constexpr std::size_t kMostKept = 1024;

}  // namespace

KeepWarm::KeepWarm(const Services& services, config::Picodollars spent_today)
    : services_(services), keeper_(kAhead) {
  for (const auto& kb : services.settings.kbs) {
    if (kb.keep_warm_per_day == 0) continue;
    const auto cap = caps_.try_emplace(kb.name, kb.keep_warm_per_day).first;
    cap->second.spend(spent_today, services.now());
  }
}

bool KeepWarm::asked_for(const AttachedKbs& kb) const {
  return std::ranges::all_of(kb.kbs,
                             [&](const auto& each) { return caps_.contains(each->version.name); });
}

void KeepWarm::used(const Exchange& exchange, const std::shared_ptr<const AttachedKbs>& kb,
                    const std::string& model, const CachedPrompt& prompt,
                    const config::Mark& mark) {
  const auto& path = prompt.path;
  const auto* known = services_.models.now().find(exchange.call.upstream->provider, model);
  const bool can = known != nullptr && path.before == 0 && asked_for(*kb) &&
                   services_.own_requests->can_ask(exchange.call.upstream->name) &&
                   can_keep_warm(*known);
  if (!can) return;
  const auto& terms = prompt.terms;
  const auto prefixes = std::span(path.prefixes).first(mark.position);
  const auto now = services_.now();
  config::TokenCounts counts;
  counts[config::TokenClass::cache_read] = prefixes.back().tokens;

  Kept kept;
  kept.kb = kb;
  kept.upstream = exchange.call.upstream;
  kept.model = model;
  kept.lifetime = mark.lifetime;
  kept.lives = cache::keep_warm_terms(terms, mark.lifetime).lives;
  kept.root = prefixes.front().hash;
  kept.price = services_.models.now().cost(*known, counts, {}, now).actual;
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= kMostKept && !kept_.contains(prefixes.back().hash)) return;
  keeper_.used(prefixes, mark.position, now + kept.lives,
               cache::keep_warm_terms(terms, mark.lifetime));
  kept_.insert_or_assign(prefixes.back().hash, std::move(kept));
}

std::vector<config::Hash128> KeepWarm::take_due(config::TimePoint now) {
  const std::lock_guard lock(mutex_);
  return keeper_.due(now);
}

void KeepWarm::ping_due() {
  for (const auto& prefix : take_due(services_.now())) ping(prefix);
}

void KeepWarm::ping(const config::Hash128& prefix) {
  std::unique_lock lock(mutex_);
  const auto found = kept_.find(prefix);
  if (found == kept_.end()) return;
  const auto kept = found->second;
  const auto started = services_.now();
  const auto each_cap = [&](const auto& visit) {
    return std::ranges::all_of(kept.kb->kbs,
                               [&](const auto& kb) { return visit(caps_.at(kb->version.name)); });
  };
  const bool allowed =
      each_cap([&](cache::DailyCap& cap) { return cap.allows(kept.price, started); });
  if (!allowed) return keeper_.let_go(prefix);
  lock.unlock();
  const auto report = keep_warm(services_, {*kept.kb, *kept.upstream, kept.model, kept.lifetime});
  lock.lock();
  each_cap([&](cache::DailyCap& cap) {
    cap.spend(report.cost, started);
    return true;
  });
  ++services_.counters.pings;
  // One that wrote was too late, or is of an account that does not share the clients' caches: it
  // cost a write that nobody asked for.
  const bool read = report.reason.empty() && report.tokens_written == 0;
  if (read) {
    keeper_.pinged(prefix, started + kept.lives);
    services_.prefixes->kept_warm(kept.root, prefix, started + kept.lives);
    return;
  }
  keeper_.let_go(prefix);
  log_warning(
      "cache",
      fmt::format("{} is not kept warm for {} until its next use: {}", kept.kb->name, kept.model,
                  report.reason.empty() ? "it had gone, and was written again" : report.reason));
}

config::Picodollars spent_on_pings(const cache::Store& store, config::TimePoint now) {
  cache::TimeRange today;
  today.from = std::chrono::floor<std::chrono::days>(now);
  const auto savings = cache::savings(store, today, cache::GroupBy::label);
  if (!savings) return 0;
  const auto pings = savings->groups.find(std::string(kKeepWarmLabel));
  return pings == savings->groups.end() ? 0
                                        : static_cast<config::Picodollars>(pings->second.actual);
}

void keep_warm(Background& background, KeepWarm& keeper) {
  while (background.pause(kBetweenLooks)) keeper.ping_due();
}

}  // namespace foreword::proxy
