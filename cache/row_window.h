// The latest rows of a range, newest first, as far as a question may look back: what roll-ups do
// not hold is computed from rows, in bounded time and memory.
//
// Thread-safe. A ledger that cannot be read is an Error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "cache/ledger.h"

namespace foreword::cache {

/// Rows that one question reads at most; half a second's worth.
inline constexpr std::uint64_t kMaxWindowRows = 200'000;

/// What was looked at.
struct RowWindow {
  std::uint64_t rows = 0;
  /// Start times of the oldest and the newest; nothing: there was none.
  std::optional<config::TimePoint> first;
  std::optional<config::TimePoint> last;
  bool is_cut = false;  // the range has older rows, which were not looked at
};

[[nodiscard]] config::Result<RowWindow> for_latest_rows(
    const Store& store, const TimeRange& range, std::uint64_t most,
    const std::function<void(const LedgerRow&)>& visit);

}  // namespace foreword::cache
