// Roll-ups: what the ledger's rows of an hour or of a day sum up to, by model, by knowledge base,
// by label and by upstream. Private to cache/.
//
// A row is in the hour and the day of its id's time, once for each of the four, so that the sums
// over one of them are the totals. All arithmetic is modulo 2^64, money's modulo 2^128: what was
// added can be taken back exactly. Roll-ups are stored as they are to be and not as differences: a
// write that is tried again, or that a crash had made after all, changes nothing. Whoever writes
// them is therefore alone: the ledger's writer, and build_rollups() before there is one.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cache/keys.h"
#include "cache/record_fields.h"
#include "cache/savings.h"
#include "cache/store.h"

namespace foreword::cache {

inline constexpr std::uint64_t kHourMs = 3'600'000;
inline constexpr std::uint32_t kHoursADay = 24;

/// Stored, as these characters.
enum class Resolution : char { day = 'd', hour = 'h' };

/// What is stored of the rows of one hour or day and one value.
struct Rollup {
  SavingsSums sums;
  std::int64_t first_us = kMaxMicroseconds;  // start times; the first is later: no row
  std::int64_t last_us = 0;

  void add(const LedgerRow& row);
  /// Takes it out of the sums. Its time stays: what replaces a row has its id, and began with it.
  void subtract(const LedgerRow& row);
  Rollup& operator+=(const Rollup& other);
};

[[nodiscard]] std::string encode(const Rollup& rollup);
[[nodiscard]] config::Result<Rollup> decode_rollup(std::string_view value);

/// In front of all roll-ups of that hour or day and later. REQUIRES: `by` is model, kb, label or
/// upstream.
[[nodiscard]] std::string rollup_key(Resolution resolution, GroupBy by, std::uint32_t bucket,
                                     std::string_view value = {});
struct RollupKey {
  std::uint32_t bucket = 0;  // hours or days since 1970
  std::string_view value;
};
/// REQUIRES: `key` is a rollup_key().
[[nodiscard]] RollupKey parse_rollup_key(std::string_view key);

/// What rows that come, and rows that they replace, change.
class RollupChanges {
 public:
  void add(const LedgerRow& row) { of(row).add(row); }
  void subtract(const LedgerRow& row) { of(row).subtract(row); }
  /// By key.
  [[nodiscard]] std::unordered_map<std::string, Rollup> by_key() const;

 private:
  struct Group {
    std::uint32_t hour = 0;
    std::array<std::string, 4> values;
    Rollup change;
  };
  Rollup& of(const LedgerRow& row);

  std::unordered_map<std::string, Group> groups_;
  std::string key_;  // kept for its memory
};

/// The stored roll-ups, those that change again and again kept in memory. One thread at a time.
class RollupTable {
 public:
  explicit RollupTable(const Store& store) : store_(store) {}
  /// Adds to `batch` what makes the changes. It has to be written, or tried until it is, before the
  /// next call; only after an Error, which adds nothing, this may be called again instead.
  [[nodiscard]] config::Result<void> change(const RollupChanges& changes,
                                            std::vector<Write>& batch);

 private:
  config::Result<Rollup*> find(const std::string& key);

  const Store& store_;
  std::unordered_map<std::string, Rollup> known_;
};

/// What the family says of itself.
struct RollupState {
  bool built = false;
  RequestId next;  // else the first row that is not in it
};
[[nodiscard]] config::Result<RollupState> read_rollup_state(const Store& store);

/// Behind every id's hour, and the beginning of a day.
inline constexpr std::uint64_t kEndOfHours =
    ((std::uint64_t{1} << 48) / kHourMs / kHoursADay + 1) * kHoursADay;

/// The hour since 1970 before which rows are deleted, or are about to be. `stored`: what was read
/// under kRowsKeptKey.
[[nodiscard]] config::Result<std::uint64_t> rows_kept_from(
    const config::Result<std::optional<std::string>>& stored);

}  // namespace foreword::cache
