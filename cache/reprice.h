// Prices ledger rows that were written without a price, once there is one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "cache/ledger.h"
#include "cache/request_id.h"
#include "cache/store.h"
#include "config/models.h"

namespace foreword::cache {

/// A part of the ledger that was gone through.
struct Repriced {
  std::uint64_t looked_at = 0;
  std::uint64_t priced = 0;
  std::uint64_t unpriced = 0;     // still
  std::optional<RequestId> next;  // where to go on; nothing: the end was reached
};

struct RepriceQuestion {
  std::optional<RequestId> first;  // nothing: the oldest
  std::size_t rows = 0;            // to look at, at most
  /// Requests from then on may still be running: their rows are settled with a price anyway.
  config::TimePoint running_since;
};

/// `price` gives a row its price, or leaves it as it is. Rows that have a price are not touched;
/// the others change one by one, through the writer. What a killed process left half done can be
/// gone through again. An Error names a row that cannot be read; those before it are priced.
[[nodiscard]] config::Result<Repriced> reprice(const Store& store, LedgerWriter& ledger,
                                               const RepriceQuestion& question,
                                               const std::function<void(LedgerRow&)>& price);

}  // namespace foreword::cache
