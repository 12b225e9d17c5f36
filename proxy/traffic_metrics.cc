#include "proxy/traffic_metrics.h"

#include <chrono>

namespace foreword::proxy {
namespace {

using cache::UsageSource;

double seconds(std::chrono::microseconds time) {
  return std::chrono::duration<double>(time).count();
}

/// The entry of `key`, or where there are too many of the same without what has no bound.
template <class Value>
Value& entry(std::map<TrafficKey, Value>& map, TrafficKey key) {
  if (map.size() >= kMostTrafficSeries && !map.contains(key)) {
    key.model = kOtherModel;
    key.kb = key.kb.empty() ? "" : std::string(kOtherModel);
  }
  return map[key];
}

template <class Value>
Value& entry(std::map<TimesKey, Value>& map, TimesKey key) {
  // Each is four histograms.
  constexpr std::size_t kMost = kMostTrafficSeries / 5;
  if (map.size() >= kMost && !map.contains(key)) key.model = kOtherModel;
  return map[key];
}

void add_times(const cache::LedgerRow& row, Times& times) {
  times.duration.add(kDurationBounds, seconds(row.duration));
  if (row.first_byte.count() > 0) times.first_byte.add(kDurationBounds, seconds(row.first_byte));
  if (row.usage_source == UsageSource::none) return;
  times.input.add(kTokenBounds, static_cast<double>(row.tokens.prompt()));
  times.output.add(kTokenBounds, static_cast<double>(row.tokens.output()));
}

void add_sums(const cache::LedgerRow& row, TrafficSums& sums) {
  ++sums.requests;
  const bool has_usage = row.usage_source != UsageSource::none;
  if (has_usage && row.usage_source != UsageSource::reported) ++sums.estimated;
  if (has_usage && !row.priced) ++sums.unpriced;
  sums.tokens += row.tokens;
  sums.paid += row.cost_actual;
  sums.uncached += row.cost_uncached;
}

}  // namespace

std::string_view status_class(unsigned status) {
  switch (status / 100) {
    case 1:
      return "1xx";
    case 2:
      return "2xx";
    case 3:
      return "3xx";
    case 4:
      return "4xx";
    case 5:
      return "5xx";
    default:
      return status == 0 ? "none" : "other";
  }
}

bool TrafficMetrics::Place::is_of(const cache::LedgerRow& row,
                                  const config::ModelTable& table) const {
  return models == &table && provider == row.provider && operation == row.operation &&
         status == row.status && model == row.model && kb == row.kb && upstream == row.upstream;
}

TrafficMetrics::LastUse* TrafficMetrics::last_use_of(const cache::LedgerRow& row) {
  if (row.kb.empty()) return nullptr;
  const UseKey key{row.upstream, row.model, row.kb};
  const auto found = uses_.find(key);
  if (found != uses_.end()) return &found->second;
  return uses_.size() < kMostTrafficSeries ? &uses_[key] : nullptr;
}

TrafficMetrics::Place& TrafficMetrics::place_of(const cache::LedgerRow& row,
                                                const config::ModelTable& models) {
  for (auto& place : places_) {
    if (place.is_of(row, models)) return place;
  }
  const auto* model = models.find(row.provider, row.model);
  const std::string name = model == nullptr ? std::string(kOtherModel) : model->name;
  const std::string status(status_class(row.status));
  auto& place = places_[next_place_];
  next_place_ = (next_place_ + 1) % kPlaces;
  place = {&models,
           row.provider,
           row.operation,
           row.status,
           row.upstream,
           row.model,
           row.kb,
           &entry(reading_.sums, {row.provider, row.upstream, row.operation, name, row.kb, status}),
           &entry(reading_.times, {row.provider, row.operation, name, status}),
           last_use_of(row)};
  return place;
}

void TrafficMetrics::add(const cache::LedgerRow& row, const config::ModelTable& models) {
  const std::lock_guard lock(mutex_);
  auto& place = place_of(row, models);
  add_sums(row, *place.sums);
  add_times(row, *place.times);
  // Names of assembler::Addition, of which there are few.
  if (!row.refused.empty()) ++reading_.refusals[row.refused];
  if (row.kb.empty() || row.usage_source == UsageSource::none) return;
  const auto before = place.last_use == nullptr ? LastUse() : *place.last_use;
  ++place.sums->causes[static_cast<std::size_t>(cache::cache_cause(row, before))];
  // Requests come in the order in which they end; only the one that began last is a beginning.
  const bool is_last = !before || before->started <= row.started;
  if (place.last_use != nullptr && is_last) *place.last_use = cache::cache_use(row, before);
}

TrafficReading TrafficMetrics::read() const {
  const std::lock_guard lock(mutex_);
  return reading_;
}

}  // namespace foreword::proxy
