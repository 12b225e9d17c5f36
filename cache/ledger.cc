#include "cache/ledger.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cache/keys.h"

namespace foreword::cache {
namespace {

using config::Error;
using config::Result;

/// The one place that turns a stored value into a row: the key has to agree.
Result<LedgerRow> read_row(std::string_view key, std::string_view value) {
  auto row = decode_ledger_row(value);
  const bool agrees = row && ledger_key(row->id) == key;
  if (agrees) return row;
  RequestId id;
  if (key.size() == id.bytes.size()) std::copy(key.begin(), key.end(), id.bytes.begin());
  const std::string what = row ? "it is stored under another id" : row.error().message;
  return Error{"request " + to_text(id) + " cannot be read from the ledger: " + what +
               "; restore the store, or read with the foreword that wrote it"};
}

/// Visits rows until one cannot be read or `visit` returns false.
class RowVisitor {
 public:
  explicit RowVisitor(const std::function<bool(LedgerRow&&)>& visit) : visit_(visit) {}

  bool operator()(std::string_view key, std::string_view value) {
    auto row = read_row(key, value);
    if (row) return visit_(std::move(*row));
    failed_ = row.error();
    return false;
  }
  /// What became of the scan as a whole.
  [[nodiscard]] Result<void> outcome(const Result<void>& scanned) const {
    if (!scanned) return scanned;
    if (failed_) return *failed_;
    return {};
  }

 private:
  const std::function<bool(LedgerRow&&)>& visit_;
  std::optional<Error> failed_;
};

template <class Rows>
Result<void> visit_rows(const Rows& rows, const TimeRange& range,
                        const std::function<bool(const LedgerRow&)>& visit) {
  const std::string from = range.from ? ledger_key(first_id_at(*range.from)) : std::string();
  const std::string to = range.to ? ledger_key(first_id_at(*range.to)) : std::string();
  const std::function<bool(LedgerRow &&)> look = [&](LedgerRow&& row) { return visit(row); };
  RowVisitor visitor(look);
  return visitor.outcome(rows.scan(Family::ledger, from, to, std::ref(visitor)));
}

}  // namespace

Result<std::optional<LedgerRow>> find_row(const Store& store, const RequestId& id) {
  const std::string key = ledger_key(id);
  const auto value = store.get(Family::ledger, key);
  if (!value) return value.error();
  if (!*value) return std::optional<LedgerRow>();
  auto row = read_row(key, **value);
  if (!row) return row.error();
  return std::optional<LedgerRow>(std::move(*row));
}

Result<void> for_each_row(const Store& store, const TimeRange& range,
                          const std::function<bool(const LedgerRow&)>& visit) {
  return visit_rows(store, range, visit);
}

Result<void> for_each_row(const Store::Moment& now, const TimeRange& range,
                          const std::function<bool(const LedgerRow&)>& visit) {
  return visit_rows(now, range, visit);
}

Result<void> for_each_row_from(const Store& store, const std::optional<RequestId>& first,
                               const std::function<bool(LedgerRow&&)>& visit) {
  const std::string from = first ? ledger_key(*first) : std::string();
  RowVisitor visitor(visit);
  return visitor.outcome(store.scan(Family::ledger, from, {}, std::ref(visitor)));
}

Result<std::vector<LedgerRow>> latest_rows(const Store& store, std::size_t limit,
                                           const std::optional<RequestId>& before) {
  std::vector<LedgerRow> rows;
  if (limit == 0) return rows;
  const std::string to = before ? ledger_key(*before) : std::string();
  const std::function<bool(LedgerRow &&)> take = [&](LedgerRow&& row) {
    rows.push_back(std::move(row));
    return rows.size() < limit;
  };
  RowVisitor visitor(take);
  const auto done =
      visitor.outcome(store.scan_backwards(Family::ledger, {}, to, std::ref(visitor)));
  if (!done) return done.error();
  return rows;
}

}  // namespace foreword::cache
