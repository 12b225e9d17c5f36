// The ledger: every metered request's row, durable, in the order of time.
//
// Everything here is thread-safe. The Store has to outlive the writer; rows are values. Reading
// fails with an Error that names the row: a sum over a ledger with a hole would be a guess.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "cache/ledger_row.h"
#include "cache/store.h"

namespace foreword::cache {

/// Takes rows off the request's path: a bounded queue and one thread that writes them in groups,
/// each with what it changes in the sums that savings() reads. One writer at a time for a store.
///
/// A row that was accepted by append() is in the WAL within 8 ms (a sixteenth of a shorter
/// `fsync_interval`) and the time of one group write, and of a sync where one is due; a row that
/// comes alone at once. A killed process loses at most what is still queued; a power cut loses at
/// most `fsync_interval`. No row is lost while the store works: append() waits where
/// limits::kLedgerQueueBytes of rows are unwritten. While the store fails rows are kept up to that
/// bound, and written when it has recovered; those beyond are dropped and counted, since waiting
/// would stop the requests.
class LedgerWriter {
 public:
  /// `on_error` is called from the writer's thread when a write or sync fails, once until one works
  /// again; the rows are kept and tried again. While rows are dropped, now and then with how many.
  /// Also for a row with an impossible value: that one is left out, it could not be read back.
  /// `on_settled` may be empty; it is called from the writer's thread, once for each row that is
  /// written and will not be written again by its request: not for a provisional one, and not for
  /// replace().
  LedgerWriter(Store& store, std::chrono::milliseconds fsync_interval,
               std::function<void(std::string_view)> on_error,
               std::function<void(const LedgerRow&)> on_settled = {});
  /// Writes what is queued, syncs, and joins. A store that keeps failing gets half a second more;
  /// on_error then tells how many rows are lost, in one line, with those that were dropped before.
  ~LedgerWriter();
  LedgerWriter(const LedgerWriter&) = delete;
  LedgerWriter& operator=(const LedgerWriter&) = delete;

  /// A later row of the same id replaces an earlier one (provisional, then settled).
  void append(const LedgerRow& row);
  /// The same without a copy.
  void append(LedgerRow&& row);
  /// The same, unless the row of that id is deleted by then (retention.h): it is left out.
  void replace(LedgerRow&& row);
  /// Returns when everything appended before the call is in the store, or when the store keeps
  /// failing for limits::kLedgerFlushTimeout.
  void flush();
  /// Of the rows ever appended, in their order, how many a power cut could not take any more.
  [[nodiscard]] std::uint64_t synced() const;
  /// Rows dropped so far because the store failed for too long.
  [[nodiscard]] std::uint64_t dropped() const;
  struct Queue {
    std::uint64_t rows = 0;             // that wait to be written
    std::size_t bytes = 0;              // of them
    std::uint64_t failed_attempts = 0;  // of writes and syncs, so far
  };
  [[nodiscard]] Queue queue() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Half-open range of start times, as the rows' ids tell them: in whole milliseconds. Nothing: no
/// bound on that side.
struct TimeRange {
  std::optional<config::TimePoint> from;
  std::optional<config::TimePoint> to;
};

[[nodiscard]] config::Result<std::optional<LedgerRow>> find_row(const Store& store,
                                                                const RequestId& id);
/// Oldest first; `visit` returns false to stop.
[[nodiscard]] config::Result<void> for_each_row(const Store& store, const TimeRange& range,
                                                const std::function<bool(const LedgerRow&)>& visit);
/// The same of one moment.
[[nodiscard]] config::Result<void> for_each_row(const Store::Moment& now, const TimeRange& range,
                                                const std::function<bool(const LedgerRow&)>& visit);
/// Oldest first from the row `first` on, which need not be there; nothing: from the oldest.
[[nodiscard]] config::Result<void> for_each_row_from(const Store& store,
                                                     const std::optional<RequestId>& first,
                                                     const std::function<bool(LedgerRow&&)>& visit);
/// Newest first, at most `limit`, only those older than `before` where given (for paging).
[[nodiscard]] config::Result<std::vector<LedgerRow>> latest_rows(
    const Store& store, std::size_t limit, const std::optional<RequestId>& before);

}  // namespace foreword::cache
