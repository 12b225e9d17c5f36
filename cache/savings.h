// What was paid, what would have been paid: scenarios over the same ledger rows.
//
// Plain values. Money is picodollars, summed in 128 bits; nothing is ever rounded. Thread-safe:
// reads one consistent moment of the store. A ledger that cannot be read is an Error, never a sum
// of the rest.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/ledger.h"
#include "config/money.h"
#include "config/tokens.h"

namespace foreword::cache {

enum class GroupBy : std::uint8_t { none, model, kb, label, upstream, day, hour };
/// The enumerators by name: "model", "kb", ...
[[nodiscard]] std::optional<GroupBy> parse_group_by(std::string_view name);

/// Sums over rows. Invariant: by class, `tokens` is the sum of the rows' tokens.
struct SavingsSums {
  std::uint64_t requests = 0;
  std::uint64_t estimated =
      0;  // of these, rows whose usage is partial or estimated, provisional included
  std::uint64_t billed = 0;    // priced at more than nothing
  std::uint64_t unpriced = 0;  // of these, rows of models without a price
  std::uint64_t failed = 0;    // of these, rows without an answer
  config::TokenCounts tokens;
  std::uint64_t kb_tokens_estimate = 0;
  config::PicodollarTotal actual = 0;
  config::PicodollarTotal uncached = 0;
  config::PicodollarTotal client_only = 0;
  [[nodiscard]] config::PicodollarTotal saved() const { return uncached - actual; }
  /// Of what was saved, the part that nobody but Foreword caused.
  [[nodiscard]] config::PicodollarTotal caused() const { return client_only - actual; }
  void add(const LedgerRow& row);
  SavingsSums& operator+=(const SavingsSums& other);
  /// Takes back what was added, exactly.
  SavingsSums& operator-=(const SavingsSums& other);
};

/// Labels and model names are what clients say they are: values beyond this many share "(other)",
/// and which ones those are may change from one question to the next.
inline constexpr std::size_t kMaxSavingsGroups = 10'000;

struct Savings {
  /// As asked. Where a bound lies among rows that are deleted (retention.h), the whole hour counts.
  TimeRange range;
  /// Start times of the first and last row; nothing when there is none.
  std::optional<config::TimePoint> first;
  std::optional<config::TimePoint> last;
  SavingsSums total;
  /// By the value of the group, in its order; empty for GroupBy::none. No value is "(none)" (kb,
  /// label) or "(unknown)" (model, upstream); days are YYYY-MM-DD,
  /// hours YYYY-MM-DDTHH:00:00Z, both in UTC.
  std::map<std::string, SavingsSums> groups;
  /// How many of `total.unpriced` are of which model, "(unknown)" among them; bounded like groups.
  std::map<std::string, std::uint64_t> unpriced_models;
};

/// Whole hours and days come from sums that are kept up to date, the ends of the range from rows:
/// a year takes as long as it has days and groups. By hour, as long as it has hours.
[[nodiscard]] config::Result<Savings> savings(const Store& store, const TimeRange& range,
                                              GroupBy group_by);

}  // namespace foreword::cache
