#include "proxy/refusals.h"

#include <algorithm>
#include <string>

#include "config/limits.h"

namespace foreword::proxy {
namespace {

using assembler::Addition;
using assembler::Additions;
using config::TimePoint;

/// Clients say what a model is called, at any length.
config::Hash128 key_of(std::string_view upstream, std::string_view model) {
  std::string key(upstream);
  key += '\n';
  key += model;
  return config::xxh3_128(key);
}

bool holds(const std::optional<TimePoint>& refused, TimePoint now) {
  return refused && now >= *refused && now - *refused < config::limits::kRefusalTime;
}

}  // namespace

Additions Refusals::known(std::string_view upstream, std::string_view model, TimePoint now) const {
  Additions set;
  if (!any_.load(std::memory_order_acquire)) return set;
  const auto key = key_of(upstream, model);
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return set;
  for (const Addition addition : assembler::kAllAdditions) {
    if (holds(found->second[static_cast<std::size_t>(addition)], now)) set.add(addition);
  }
  return set;
}

void Refusals::remember(std::string_view upstream, std::string_view model, Addition refused,
                        TimePoint now) {
  const auto key = key_of(upstream, model);
  const std::lock_guard lock(mutex_);
  if (entries_.find(key) == entries_.end()) make_room(now);
  entries_[key][static_cast<std::size_t>(refused)] = now;
  any_.store(true, std::memory_order_release);
}

/// REQUIRES: the mutex is held.
void Refusals::make_room(TimePoint now) {
  if (entries_.size() < config::limits::kMaxRefusals) return;
  std::erase_if(entries_, [now](const auto& entry) {
    return std::ranges::none_of(entry.second, [now](const auto& at) { return holds(at, now); });
  });
  if (entries_.size() < config::limits::kMaxRefusals) return;
  // An addition that was never refused compares as the oldest of all.
  entries_.erase(std::ranges::min_element(
      entries_, {}, [](const auto& entry) { return *std::ranges::max_element(entry.second); }));
}

}  // namespace foreword::proxy
