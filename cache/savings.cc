#include "cache/savings.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <utility>

namespace foreword::cache {
namespace {

using config::PicodollarTotal;
using std::chrono::floor;
using std::chrono::seconds;

constexpr seconds kMonth = std::chrono::hours(730);
constexpr PicodollarTotal kMaxTotal = (PicodollarTotal{1} << 126) - 1 + (PicodollarTotal{1} << 126);

/// Settings are outside input: an absurd rent gives an absurd bill, not an overflow.
PicodollarTotal times(PicodollarTotal a, PicodollarTotal b) {
  PicodollarTotal product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kMaxTotal : product;
}

PicodollarTotal divide_up(PicodollarTotal dividend, PicodollarTotal divisor) {
  return dividend / divisor + (dividend % divisor != 0 ? 1 : 0);
}

/// Requests of which each costs `actual / billed` that together cost `rent`.
std::uint64_t break_even(PicodollarTotal rent, std::uint64_t billed, PicodollarTotal actual) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  return static_cast<std::uint64_t>(
      std::min<PicodollarTotal>(divide_up(times(rent, billed), actual), kMost));
}

/// YYYY-MM-DD in UTC.
std::string day_of(config::TimePoint at) {
  const std::chrono::year_month_day date(floor<std::chrono::days>(at));
  std::array<char, 32> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return {text.data(), static_cast<std::size_t>(std::max(length, 0))};
}

std::string or_else(const std::string& value, const char* when_empty) {
  return value.empty() ? when_empty : value;
}

std::string group_of(const LedgerRow& row, GroupBy group_by) {
  switch (group_by) {
    case GroupBy::none:
      break;
    case GroupBy::model:
      return or_else(row.model, "(unknown)");
    case GroupBy::kb:
      return or_else(row.kb, "(none)");
    case GroupBy::label:
      return or_else(row.label, "(none)");
    case GroupBy::upstream:
      return or_else(row.upstream, "(unknown)");
    case GroupBy::day:
      return day_of(row.started);
  }
  return {};
}

template <class Sums>
Sums& sums_of(std::map<std::string, Sums>& groups, std::string name) {
  const auto found = groups.find(name);
  if (found != groups.end()) return found->second;
  if (groups.size() >= kMaxSavingsGroups) return groups["(other)"];
  return groups[std::move(name)];
}

/// From the asked bounds, else from the first row to the last. In whole seconds, which cannot
/// overflow, whatever was asked.
seconds period_of(const Savings& result) {
  const auto begin = result.range.from ? result.range.from : result.first;
  const auto end = result.range.to ? result.range.to : result.last;
  if (!begin || !end) return seconds(0);
  return floor<seconds>(*end).time_since_epoch() - floor<seconds>(*begin).time_since_epoch();
}

}  // namespace

std::optional<GroupBy> parse_group_by(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, GroupBy>, 6> kNames = {{
      {"none", GroupBy::none},
      {"model", GroupBy::model},
      {"kb", GroupBy::kb},
      {"label", GroupBy::label},
      {"upstream", GroupBy::upstream},
      {"day", GroupBy::day},
  }};
  for (const auto& [known, group_by] : kNames) {
    if (known == name) return group_by;
  }
  return std::nullopt;
}

void SavingsSums::add(const LedgerRow& row) {
  ++requests;
  if (row.outcome == Outcome::provisional || row.usage_source == UsageSource::partial ||
      row.usage_source == UsageSource::estimated) {
    ++estimated;
  }
  if (!row.priced) ++unpriced;
  if (row.cost_uncached > 0) ++billed;
  if (row.outcome == Outcome::failed) ++failed;
  tokens += row.tokens;
  kb_tokens_estimate += row.kb_tokens_estimate;
  actual += row.cost_actual;
  uncached += row.cost_uncached;
}

FinetuneScenario finetune_scenario(const SavingsSums& total, seconds period,
                                   const config::FinetuneSettings& settings) {
  const auto rent = [](std::uint64_t usd) { return times(usd, config::kPicodollarsPerDollar); };
  const PicodollarTotal low = rent(settings.usd_per_month_low);
  const PicodollarTotal high = rent(settings.usd_per_month_high);
  FinetuneScenario scenario;
  scenario.hardware = settings.hardware;
  const auto started_months = period / kMonth + (period % kMonth > seconds(0) ? 1 : 0);
  scenario.months = static_cast<std::uint64_t>(std::max<std::int64_t>(started_months, 1));
  scenario.low = times(low, scenario.months);
  scenario.high = times(high, scenario.months);
  // Not `requests`: what the provider refused costs nothing, and says nothing about the price.
  if (total.billed > 0 && total.actual > 0) {
    scenario.break_even_requests_per_month_low = break_even(low, total.billed, total.actual);
    scenario.break_even_requests_per_month_high = break_even(high, total.billed, total.actual);
  }
  return scenario;
}

config::Result<Savings> savings(const Store& store, const TimeRange& range, GroupBy group_by,
                                const config::FinetuneSettings& settings) {
  Savings result;
  result.range = range;
  const auto scanned = for_each_row(store, range, [&](const LedgerRow& row) {
    if (!result.first) result.first = row.started;
    result.last = row.started;
    result.total.add(row);
    if (!row.priced) ++sums_of(result.unpriced_models, group_of(row, GroupBy::model));
    if (group_by != GroupBy::none) sums_of(result.groups, group_of(row, group_by)).add(row);
    return true;
  });
  if (!scanned) return scanned.error();
  result.finetune = finetune_scenario(result.total, period_of(result), settings);
  return result;
}

}  // namespace foreword::cache
