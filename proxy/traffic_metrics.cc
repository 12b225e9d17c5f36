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

std::optional<cache::CacheCause> TrafficMetrics::cause_of(const cache::LedgerRow& row) {
  if (row.kb.empty() || row.usage_source == UsageSource::none) return std::nullopt;
  const UseKey key{row.upstream, row.model, row.kb};
  const auto found = uses_.find(key);
  const auto before = found == uses_.end() ? std::nullopt : std::optional(found->second);
  const auto cause = cache::cache_cause(row, before);
  // Requests come in the order in which they end; only the one that began last is a beginning.
  if (before && before->started > row.started) return cause;
  if (found != uses_.end() || uses_.size() < kMostTrafficSeries) {
    uses_.insert_or_assign(key, cache::cache_use(row, before));
  }
  return cause;
}

void TrafficMetrics::add(const cache::LedgerRow& row, const config::ModelTable& models) {
  const auto* model = models.find(row.provider, row.model);
  const std::string name = model == nullptr ? std::string(kOtherModel) : model->name;
  const std::string status(status_class(row.status));
  const std::lock_guard lock(mutex_);
  auto& sums =
      entry(reading_.sums, {row.provider, row.upstream, row.operation, name, row.kb, status});
  add_sums(row, sums);
  if (const auto cause = cause_of(row)) ++sums.causes[static_cast<std::size_t>(*cause)];
  add_times(row, entry(reading_.times, {row.provider, row.operation, name, status}));
  // Names of assembler::Addition, of which there are few.
  if (!row.refused.empty()) ++reading_.refusals[row.refused];
}

TrafficReading TrafficMetrics::read() const {
  const std::lock_guard lock(mutex_);
  return reading_;
}

}  // namespace foreword::proxy
