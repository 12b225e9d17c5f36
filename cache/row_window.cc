#include "cache/row_window.h"

#include <algorithm>

namespace foreword::cache {
namespace {

/// Some megabytes.
constexpr std::uint64_t kRowsAtOnce = 5'000;

}  // namespace

config::Result<RowWindow> for_latest_rows(const Store& store, const TimeRange& range,
                                          std::uint64_t most,
                                          const std::function<void(const LedgerRow&)>& visit) {
  RowWindow window;
  std::optional<RequestId> before;
  if (range.to) before = first_id_at(*range.to);
  for (bool more = true; more;) {
    const auto wanted = std::min(kRowsAtOnce, most - window.rows + 1);
    const auto rows = latest_rows(store, wanted, before);
    if (!rows) return rows.error();
    more = rows->size() == wanted;
    for (const auto& row : *rows) {
      if (range.from && row.id < first_id_at(*range.from)) return window;
      if (window.rows == most) {
        window.is_cut = true;
        return window;
      }
      ++window.rows;
      if (!window.last) window.last = row.started;
      window.first = row.started;
      visit(row);
    }
    if (!rows->empty()) before = rows->back().id;
  }
  return window;
}

}  // namespace foreword::cache
