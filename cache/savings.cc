#include "cache/savings.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "cache/rollup.h"

namespace foreword::cache {
namespace {

using config::Result;
using std::chrono::floor;

/// YYYY-MM-DD in UTC of a day since 1970.
std::string day_text(std::uint32_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  std::array<char, 32> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return {text.data(), static_cast<std::size_t>(std::max(length, 0))};
}

std::string hour_text(std::uint32_t hour) {
  const auto of_day = std::to_string(hour % kHoursADay);
  return day_text(hour / kHoursADay) + (of_day.size() < 2 ? "T0" : "T") + of_day + ":00:00Z";
}

/// What a group is called; of a value that a row does not have, too.
std::string group_name(GroupBy by, std::string_view value) {
  if (!value.empty()) return std::string(value);
  return by == GroupBy::kb || by == GroupBy::label ? "(none)" : "(unknown)";
}

const std::string& value_of(const LedgerRow& row, GroupBy by) {
  switch (by) {
    case GroupBy::kb:
      return row.kb;
    case GroupBy::label:
      return row.label;
    case GroupBy::upstream:
      return row.upstream;
    case GroupBy::none:
    case GroupBy::model:
    case GroupBy::day:
    case GroupBy::hour:
      break;
  }
  return row.model;
}

template <class Sums>
Sums& sums_of(std::map<std::string, Sums>& groups, std::string name) {
  const auto found = groups.find(name);
  if (found != groups.end()) return found->second;
  if (groups.size() >= kMaxSavingsGroups) return groups["(other)"];
  return groups[std::move(name)];
}

/// Adds up what a question asks for, from rows and from sums of rows.
class Adder {
 public:
  Adder(Savings& result, GroupBy by) : result_(result), by_(by) {}

  void add(const LedgerRow& row) {
    Rollup one;
    one.add(row);
    const auto hours = static_cast<std::uint32_t>(milliseconds_of(row.id) / kHourMs);
    add_to_total(row.model, hours, one);
    if (has_groups_of_its_own()) add_to_group(value_of(row, by_), one.sums);
  }
  /// Of one model, and of an hour or of the day that begins with it.
  void add_to_total(std::string_view model, std::uint32_t hour, const Rollup& part) {
    if (part.sums.requests == 0) return;
    all_ += part;
    if (part.sums.unpriced > 0) {
      sums_of(result_.unpriced_models, group_name(GroupBy::model, model)) += part.sums.unpriced;
    }
    if (by_ == GroupBy::model) add_to_group(model, part.sums);
    if (by_ == GroupBy::day) sums_of(result_.groups, day_text(hour / kHoursADay)) += part.sums;
    if (by_ == GroupBy::hour) sums_of(result_.groups, hour_text(hour)) += part.sums;
  }
  void add_to_group(std::string_view value, const SavingsSums& part) {
    sums_of(result_.groups, group_name(by_, value)) += part;
  }
  /// Neither those of the total nor none.
  [[nodiscard]] bool has_groups_of_its_own() const {
    return by_ == GroupBy::kb || by_ == GroupBy::label || by_ == GroupBy::upstream;
  }
  void finish() {
    result_.total = all_.sums;
    if (all_.sums.requests == 0) return;
    result_.first = from_stored_time(all_.first_us);
    result_.last = from_stored_time(all_.last_us);
  }

 private:
  Savings& result_;
  const GroupBy by_;
  Rollup all_;
};

/// Goes through a range at one moment of the store: whole days, whole hours at their ends, rows at
/// the ends of those. Times are milliseconds since 1970, as in the rows' ids.
class RangeReader {
 public:
  RangeReader(const Store::Moment& now, GroupBy by, Adder& adder)
      : now_(now), by_(by), adder_(adder) {}

  Result<void> read(std::uint64_t begin, std::optional<std::uint64_t> end) {
    const std::uint64_t first = (begin + kHourMs - 1) / kHourMs;
    const std::uint64_t last = end ? *end / kHourMs : kEndOfHours;
    if (first >= last) return end ? rows(begin, *end) : rows(begin, first * kHourMs);
    if (auto done = rows(begin, first * kHourMs); !done) return done;
    if (auto done = hours_and_days(first, last); !done) return done;
    return end ? rows(last * kHourMs, *end) : Result<void>();
  }
  Result<void> rows(std::uint64_t begin, std::uint64_t end) {
    if (begin >= end) return {};
    return for_each_row(now_, {at(begin), at(end)}, [&](const LedgerRow& row) {
      adder_.add(row);
      return true;
    });
  }

 private:
  static config::TimePoint at(std::uint64_t ms) {
    // A time point ends earlier than an id does; no row is behind it.
    const auto most = static_cast<std::uint64_t>(kMaxMicroseconds / 1000);
    return config::TimePoint(std::chrono::milliseconds(std::min(ms, most)));
  }

  Result<void> hours_and_days(std::uint64_t first, std::uint64_t last) {
    const auto first_day = (first + kHoursADay - 1) / kHoursADay;
    const auto last_day = last / kHoursADay;
    if (first_day >= last_day || by_ == GroupBy::hour) {
      return rollups(Resolution::hour, first, last);
    }
    if (auto done = rollups(Resolution::hour, first, first_day * kHoursADay); !done) return done;
    if (auto done = rollups(Resolution::day, first_day, last_day); !done) return done;
    return rollups(Resolution::hour, last_day * kHoursADay, last);
  }

  Result<void> rollups(Resolution resolution, std::uint64_t first, std::uint64_t last) {
    const std::uint32_t hours = resolution == Resolution::day ? kHoursADay : 1;
    const auto total = scan(resolution, GroupBy::model, first, last,
                            [&](const RollupKey& key, const Rollup& part) {
                              adder_.add_to_total(key.value, key.bucket * hours, part);
                            });
    if (!total || !adder_.has_groups_of_its_own()) return total;
    return scan(resolution, by_, first, last, [&](const RollupKey& key, const Rollup& part) {
      adder_.add_to_group(key.value, part.sums);
    });
  }

  template <class Add>
  Result<void> scan(Resolution resolution, GroupBy by, std::uint64_t first, std::uint64_t last,
                    const Add& add) {
    if (first >= last) return {};
    std::optional<config::Error> failed;
    const auto done =
        now_.scan(Family::rollups, rollup_key(resolution, by, static_cast<std::uint32_t>(first)),
                  rollup_key(resolution, by, static_cast<std::uint32_t>(last)),
                  [&](std::string_view key, std::string_view value) {
                    const auto part = decode_rollup(value);
                    if (!part) failed = part.error();
                    if (part) add(parse_rollup_key(key), *part);
                    return !failed;
                  });
    if (failed) return *failed;
    return done;
  }

  const Store::Moment& now_;
  const GroupBy by_;
  Adder& adder_;
};

std::uint64_t to_ms(config::TimePoint at) {
  return milliseconds_of(first_id_at(at));
}

/// Of hours whose rows are deleted only the whole is known.
void widen(TimeRange& range, std::uint64_t kept_from_hour) {
  const auto kept_from = kept_from_hour * kHourMs;
  const auto hours = [](std::uint64_t count) {
    return config::TimePoint(std::chrono::hours(count));
  };
  if (range.from && to_ms(*range.from) < kept_from) {
    const auto hour = to_ms(*range.from) / kHourMs;
    if (to_ms(*range.from) % kHourMs != 0) range.from = hours(hour);
  }
  if (range.to && to_ms(*range.to) < kept_from) {
    const auto ms = to_ms(*range.to);
    if (ms % kHourMs != 0) range.to = hours(ms / kHourMs + 1);
  }
}

Result<void> add_up(const Store::Moment& now, Savings& result, GroupBy by) {
  Adder adder(result, by);
  const auto built = now.get(Family::meta, kRollupsKey);
  if (!built) return built.error();
  const auto kept_from = rows_kept_from(now.get(Family::meta, kRowsKeptKey));
  if (!kept_from) return kept_from.error();
  Result<void> done;
  if (!*built || **built != kRollupsBuilt) {
    done = for_each_row(now, result.range, [&](const LedgerRow& row) {
      adder.add(row);
      return true;
    });
  } else {
    widen(result.range, *kept_from);
    const auto begin = result.range.from ? to_ms(*result.range.from) : 0;
    const auto end = result.range.to ? std::optional(to_ms(*result.range.to)) : std::nullopt;
    if (!end || begin < *end) done = RangeReader(now, by, adder).read(begin, end);
  }
  adder.finish();
  return done;
}

}  // namespace

std::optional<GroupBy> parse_group_by(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, GroupBy>, 7> kNames = {{
      {"none", GroupBy::none},
      {"model", GroupBy::model},
      {"kb", GroupBy::kb},
      {"label", GroupBy::label},
      {"upstream", GroupBy::upstream},
      {"day", GroupBy::day},
      {"hour", GroupBy::hour},
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
  client_only += row.cost_client_only;
}

SavingsSums& SavingsSums::operator+=(const SavingsSums& other) {
  requests += other.requests;
  estimated += other.estimated;
  billed += other.billed;
  unpriced += other.unpriced;
  failed += other.failed;
  tokens += other.tokens;
  kb_tokens_estimate += other.kb_tokens_estimate;
  actual += other.actual;
  uncached += other.uncached;
  client_only += other.client_only;
  return *this;
}

SavingsSums& SavingsSums::operator-=(const SavingsSums& other) {
  requests -= other.requests;
  estimated -= other.estimated;
  billed -= other.billed;
  unpriced -= other.unpriced;
  failed -= other.failed;
  for (std::size_t i = 0; i < config::kTokenClasses; ++i) {
    tokens.by_class[i] -= other.tokens.by_class[i];
  }
  kb_tokens_estimate -= other.kb_tokens_estimate;
  actual -= other.actual;
  uncached -= other.uncached;
  client_only -= other.client_only;
  return *this;
}

config::Result<Savings> savings(const Store& store, const TimeRange& range, GroupBy group_by) {
  Savings result;
  result.range = range;
  const auto done =
      store.at_one_moment([&](const Store::Moment& now) { return add_up(now, result, group_by); });
  if (!done) return done.error();
  return result;
}

}  // namespace foreword::cache
