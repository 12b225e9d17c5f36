#include "cache/retention.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cache/ledger.h"
#include "cache/rollup.h"

namespace foreword::cache {
namespace {

using config::Result;

constexpr std::size_t kRowsAtOnce = 10'000;
/// What a TimePoint can hold.
constexpr std::uint64_t kMostHours = kMaxMicroseconds / 1000 / kHourMs;

RequestId first_id_of_hour(std::uint64_t hour) {
  return first_id_at(config::TimePoint(std::chrono::hours(hour)));
}

/// Rows from `first` on, and where to go on; nothing: the end was reached.
struct Step {
  RollupChanges changes;
  std::uint64_t rows = 0;
  std::optional<RequestId> next;
};

Result<Step> sum_up(const Store& store, const RequestId& first) {
  Step step;
  const auto scanned = for_each_row_from(store, first, [&](LedgerRow&& row) {
    if (step.rows == kRowsAtOnce) {
      step.next = row.id;
      return false;
    }
    ++step.rows;
    step.changes.add(row);
    return true;
  });
  if (!scanned) return scanned.error();
  return step;
}

}  // namespace

Result<void> build_rollups(Store& store, const std::function<void(std::uint64_t)>& progress) {
  auto state = read_rollup_state(store);
  if (!state) return state.error();
  RollupTable table(store);
  std::uint64_t rows = 0;
  while (!state->built) {
    const auto step = sum_up(store, state->next);
    if (!step) return step.error();
    std::vector<Write> batch;
    if (const auto changed = table.change(step->changes, batch); !changed) return changed;
    state->built = !step->next;
    if (step->next) state->next = *step->next;
    batch.push_back({Family::meta, std::string(kRollupsKey),
                     state->built ? std::string(kRollupsBuilt) : ledger_key(state->next)});
    if (const auto written = store.write(batch, Durability::buffered); !written) return written;
    rows += step->rows;
    if (step->rows > 0) progress(rows);
  }
  return {};
}

Result<std::uint64_t> rows_kept_from(const Result<std::optional<std::string>>& stored) {
  if (!stored) return stored.error();
  std::uint64_t hour = 0;
  if (!*stored) return hour;
  const char* end = (*stored)->data() + (*stored)->size();
  const auto [stop, failed] = std::from_chars((*stored)->data(), end, hour);
  if (failed != std::errc{} || stop != end || hour > kMostHours) {
    return config::Error{"the store does not say which rows of its ledger are kept; restore it"};
  }
  return hour;
}

Result<SweptRows> sweep_rows(Store& store, config::TimePoint keep_from, std::size_t most) {
  SweptRows swept;
  const auto state = read_rollup_state(store);
  if (!state) return state.error();
  if (!state->built) return swept;
  const auto kept = rows_kept_from(store.get(Family::meta, kRowsKeptKey));
  if (!kept) return kept.error();
  const auto hour = std::max(*kept, milliseconds_of(first_id_at(keep_from)) / kHourMs);
  std::vector<Write> batch;
  // One by one: a range would be deleted in RocksDB with the hint for inserts (store_options.cc).
  const auto scanned = store.scan(Family::ledger, {}, ledger_key(first_id_of_hour(hour)),
                                  [&](std::string_view key, std::string_view) {
                                    swept.more = batch.size() == most;
                                    if (swept.more) return false;
                                    batch.push_back({Family::ledger, std::string(key), {}});
                                    return true;
                                  });
  if (!scanned) return scanned.error();
  swept.deleted = batch.size();
  if (batch.empty()) return swept;
  // From this write on the sums alone tell of those hours, also while some of their rows are there.
  batch.push_back({Family::meta, std::string(kRowsKeptKey), std::to_string(hour)});
  if (const auto written = store.write(batch, Durability::buffered); !written) {
    return written.error();
  }
  return swept;
}

}  // namespace foreword::cache
