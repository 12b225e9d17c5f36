// Roll-ups for stores that have none yet, and an end for rows that nobody wants any more.
//
// Savings come from sums over the rows of an hour or of a day, which are written together with the
// rows. Both functions work in bounded steps; what a killed process leaves half done goes on from
// there. Failures are Errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "cache/store.h"
#include "config/models.h"
#include "config/result.h"

namespace foreword::cache {

/// Sums up the rows of a store that an older foreword wrote; nothing to do otherwise. `progress` is
/// told how many rows are summed up so far. Until it is done, savings() goes through all rows.
/// REQUIRES: no LedgerWriter of that store.
[[nodiscard]] config::Result<void> build_rollups(
    Store& store, const std::function<void(std::uint64_t)>& progress);

struct SweptRows {
  std::uint64_t deleted = 0;
  bool more = false;
};
/// Deletes rows that began in hours (UTC) which were over at `keep_from`, the oldest first and at
/// most `most`. The sums over them stay. Thread-safe, also while a LedgerWriter is at work. Does
/// nothing where the roll-ups are not built.
[[nodiscard]] config::Result<SweptRows> sweep_rows(Store& store, config::TimePoint keep_from,
                                                   std::size_t most);

}  // namespace foreword::cache
