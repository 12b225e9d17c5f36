#include "proxy/keep_warm.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "cache/savings.h"
#include "config/cache_terms.h"
#include "config/limits.h"
#include "proxy/log.h"
#include "proxy/prewarm.h"
#include "proxy/row.h"

namespace foreword::proxy {
namespace {

/// Of a ping that does not find its entry: no provider takes one that reads or does nothing.
config::Picodollars price_of_write(const config::ModelTable& models, const config::Model& model,
                                   const config::UpstreamSettings& upstream,
                                   const config::PromptPrefix& prefix, config::Lifetime lifetime,
                                   config::TimePoint now) {
  config::ServiceTerms terms;
  terms.inference_geo = region_of(upstream);
  config::Picodollars most = 0;
  const bool longer = lifetime == config::Lifetime::extended;
  // Where writing is free, it is charged for as plain input.
  for (const auto as : {config::write_class(model.provider, longer), config::TokenClass::input}) {
    config::TokenCounts counts;
    counts[as] = prefix.tokens;
    most = std::max(most, models.cost(model, counts, terms, now).actual);
  }
  return most;
}

}  // namespace

KeepWarm::KeepWarm(const Services& services, std::optional<config::Picodollars> spent_today)
    : services_(services), keeper_(config::limits::kPingAhead) {
  for (const auto& kb : services.settings.kbs) {
    if (kb.keep_warm_per_day == 0) continue;
    const auto cap = caps_.try_emplace(kb.name, kb.keep_warm_per_day).first;
    cap->second.spend(spent_today.value_or(kb.keep_warm_per_day), services.now());
  }
}

bool KeepWarm::asked_for(const AttachedKbs& kb) const {
  return std::ranges::all_of(kb.kbs,
                             [&](const auto& each) { return caps_.contains(each->version.name); });
}

bool KeepWarm::is_current(const AttachedKbs& kb) const {
  return std::ranges::all_of(kb.kbs, [&](const auto& each) {
    const auto current = services_.knowledge.find(each->version.name);
    return current && current->version.content_id == each->version.content_id;
  });
}

template <class Visit>
bool KeepWarm::all_caps(const AttachedKbs& kb, const Visit& visit) {
  return std::ranges::all_of(kb.kbs,
                             [&](const auto& each) { return visit(caps_.at(each->version.name)); });
}

void KeepWarm::used(const Exchange& exchange, const std::shared_ptr<const AttachedKbs>& kb,
                    const std::string& model, const CachedPrompt& prompt,
                    const config::Mark& mark) {
  const auto& path = prompt.path;
  const auto& models = services_.models.now();
  const auto* known = models.find(exchange.call.upstream->provider, model);
  const bool can = known != nullptr && path.before == 0 && asked_for(*kb) &&
                   services_.own_requests->can_ask(exchange.call.upstream->name) &&
                   can_keep_warm(*known);
  if (!can) return;
  const auto terms = cache::keep_warm_terms(prompt.terms, mark.lifetime);
  const auto prefixes = std::span(path.prefixes).first(mark.position);
  const auto now = services_.now();

  Kept kept;
  kept.kb = kb;
  kept.upstream = exchange.call.upstream;
  kept.model = model;
  kept.lifetime = mark.lifetime;
  kept.lives = terms.lives;
  kept.root = prefixes.front().hash;
  kept.price = price_of_write(models, *known, *kept.upstream, prefixes.back(), mark.lifetime, now);
  kept.used = now;
  const std::lock_guard lock(mutex_);
  const auto [entry, is_new] = kept_.try_emplace(prefixes.back().hash);
  entry->second = std::move(kept);
  keeper_.used(prefixes, mark.position, now + terms.lives, terms);
  if (!is_new) return;
  tell_if_too_dear(entry->second);
  make_room();
}

/// Once a prefix: its cap is a limit that such a knowledge base never gets below.
void KeepWarm::tell_if_too_dear(const Kept& kept) {
  const auto enough = [&](const cache::DailyCap& cap) { return cap.ever_allows(kept.price); };
  if (all_caps(*kept.kb, enough)) return;
  log_warning("cache",
              fmt::format("{} is not kept warm for {}: a ping that had to write it would cost ${}, "
                          "which is more than its keep_warm_usd_per_day",
                          kept.kb->name, kept.model, config::to_usd(kept.price)));
}

/// Versions that were replaced go first: nothing else holds their text any more.
void KeepWarm::make_room() {
  erase_if(kept_, [&](const auto& item) {
    if (is_current(*item.second.kb)) return false;
    keeper_.forget(item.first);
    return true;
  });
  if (kept_.size() <= config::limits::kMostKeptWarm) return;
  const auto oldest = std::ranges::min_element(
      kept_, [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
  keeper_.forget(oldest->first);
  kept_.erase(oldest);
}

std::optional<config::Hash128> KeepWarm::take_due(config::TimePoint now) {
  const std::lock_guard lock(mutex_);
  return keeper_.take_due(now);
}

void KeepWarm::ping_due() {
  while (const auto prefix = take_due(services_.now())) ping(*prefix);
}

/// What to ping, once its caps have been charged with the most that it can cost.
std::optional<KeepWarm::Kept> KeepWarm::allowed_now(const config::Hash128& prefix,
                                                    config::TimePoint now) {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(prefix);
  if (found == kept_.end()) return std::nullopt;
  const auto& kept = found->second;
  const auto allows = [&](cache::DailyCap& cap) { return cap.allows(kept.price, now); };
  if (!is_current(*kept.kb) || !all_caps(*kept.kb, allows)) {
    keeper_.let_go(prefix);
    return std::nullopt;
  }
  all_caps(*kept.kb, [&](cache::DailyCap& cap) {
    cap.spend(kept.price, now);
    return true;
  });
  return kept;
}

void KeepWarm::ping(const config::Hash128& prefix) {
  const auto started = services_.now();
  const auto kept = allowed_now(prefix, started);
  if (!kept) return;
  const auto report =
      keep_warm(services_, {*kept->kb, *kept->upstream, kept->model, kept->lifetime});
  const std::lock_guard lock(mutex_);
  all_caps(*kept->kb, [&](cache::DailyCap& cap) {
    cap.correct(kept->price, report.cost, started);
    return true;
  });
  ++services_.counters.pings;
  // One that wrote was too late, or is of an account that does not share the clients' caches: it
  // cost a write that nobody asked for.
  const bool read = report.reason.empty() && report.tokens_written == 0;
  if (read) {
    keeper_.pinged(prefix, started + kept->lives);
    services_.prefixes->kept_warm(kept->root, prefix, started + kept->lives);
    return;
  }
  keeper_.let_go(prefix);
  log_warning(
      "cache",
      fmt::format("{} is not kept warm for {} until its next use: {}", kept->kb->name, kept->model,
                  report.reason.empty() ? "it had gone, and was written again" : report.reason));
}

std::optional<config::Picodollars> spent_on_pings(const cache::Store& store,
                                                  config::TimePoint now) {
  cache::TimeRange today;
  today.from = std::chrono::floor<std::chrono::days>(now);
  const auto savings = cache::savings(store, today, cache::GroupBy::label);
  if (!savings) {
    log_error("cache", fmt::format("no knowledge base is kept warm before tomorrow, since what was "
                                   "spent today cannot be read: {}",
                                   savings.error().message));
    return std::nullopt;
  }
  const auto pings = savings->groups.find(std::string(kKeepWarmLabel));
  if (pings == savings->groups.end()) return config::Picodollars{0};
  return static_cast<config::Picodollars>(pings->second.actual);
}

void keep_warm(Background& background, KeepWarm& keeper) {
  while (background.pause(config::limits::kBetweenPingLooks)) keeper.ping_due();
}

}  // namespace foreword::proxy
