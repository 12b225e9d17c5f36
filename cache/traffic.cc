#include "cache/traffic.h"

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>
#include <utility>

namespace foreword::cache {
namespace {

using Hour = std::chrono::time_point<std::chrono::system_clock, std::chrono::hours>;
constexpr std::chrono::milliseconds kFast{30};

FinetuneTokens finetune_tokens(const LedgerRow& row) {
  const auto prompt = row.tokens.prompt();
  return {prompt - std::min(prompt, row.kb_tokens_estimate), row.tokens.output()};
}

void add(FinetuneTokens& sum, const FinetuneTokens& tokens) {
  sum.prompt += tokens.prompt;
  sum.output += tokens.output;
}

/// Rows come in the order of time, so that one hour at a time is enough.
class Gathering {
 public:
  void add_row(const LedgerRow& row) {
    if (!row.priced) {
      ++traffic_.left_out;
      return;
    }
    if (!traffic_.first) traffic_.first = row.started;
    traffic_.last = row.started;
    ++traffic_.requests;
    const auto tokens = finetune_tokens(row);
    add(traffic_.tokens, tokens);
    traffic_.actual += row.cost_actual;
    traffic_.uncached += row.cost_uncached;
    add_to_hour(std::chrono::floor<std::chrono::hours>(row.started), tokens);
    add_speed(row);
    add_to_model(row, tokens);
  }

  Traffic finish() {
    for (auto& [key, model] : models_) traffic_.models.push_back(std::move(model));
    std::ranges::stable_sort(traffic_.models, std::greater<>(), &ModelTraffic::actual);
    return std::move(traffic_);
  }

 private:
  void add_to_hour(Hour hour, const FinetuneTokens& tokens) {
    if (hour != hour_) in_hour_ = {};
    hour_ = hour;
    add(in_hour_, tokens);
    auto& busiest = traffic_.busiest_hour;
    busiest.prompt = std::max(busiest.prompt, in_hour_.prompt);
    busiest.output = std::max(busiest.output, in_hour_.output);
  }

  void add_speed(const LedgerRow& row) {
    if (row.outcome != Outcome::complete || row.first_byte <= row.first_byte.zero()) return;
    ++traffic_.answered;
    auto& fastest = traffic_.fastest_first_byte;
    fastest = std::min(fastest.value_or(row.first_byte), row.first_byte);
    if (row.first_byte < kFast) ++traffic_.within_30ms;
  }

  void add_to_model(const LedgerRow& row, const FinetuneTokens& tokens) {
    auto key = std::pair(row.provider, row.model);
    if (!models_.contains(key) && models_.size() >= kMaxTrafficModels) key.second = "(other)";
    auto& model = models_[key];
    std::tie(model.provider, model.model) = key;
    ++model.requests;
    if (row.kb_tokens_estimate > 0) ++model.kb_requests;
    model.kb_tokens += row.kb_tokens_estimate;
    add(model.tokens, tokens);
    model.actual += row.cost_actual;
  }

  Traffic traffic_;
  Hour hour_{};
  FinetuneTokens in_hour_;
  std::map<std::pair<config::Provider, std::string>, ModelTraffic> models_;
};

}  // namespace

config::Result<Traffic> traffic(const Store& store, const TimeRange& range) {
  Gathering gathering;
  const auto read = for_each_row(store, range, [&](const LedgerRow& row) {
    gathering.add_row(row);
    return true;
  });
  if (!read) return read.error();
  return gathering.finish();
}

}  // namespace foreword::cache
