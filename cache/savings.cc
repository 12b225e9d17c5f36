#include "cache/savings.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace foreword::cache {
namespace {

using std::chrono::floor;

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

config::Result<Savings> savings(const Store& store, const TimeRange& range, GroupBy group_by) {
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
  return result;
}

}  // namespace foreword::cache
