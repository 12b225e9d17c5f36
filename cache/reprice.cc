#include "cache/reprice.h"

#include <string>
#include <utility>
#include <vector>

namespace foreword::cache {
namespace {

bool may_still_run(const LedgerRow& row, const RepriceQuestion& question) {
  return row.outcome == Outcome::provisional && row.started >= question.running_since;
}

}  // namespace

config::Result<Repriced> reprice(const Store& store, LedgerWriter& ledger,
                                 const RepriceQuestion& question,
                                 const std::function<void(LedgerRow&)>& price) {
  Repriced result;
  std::vector<LedgerRow> unpriced;
  const auto scanned = for_each_row_from(store, question.first, [&](LedgerRow&& row) {
    if (result.looked_at == question.rows) {
      result.next = row.id;
      return false;
    }
    ++result.looked_at;
    if (!row.priced && !may_still_run(row, question)) unpriced.push_back(std::move(row));
    return true;
  });
  // Not while the scan goes on: the writer may have to wait for the store.
  for (auto& row : unpriced) {
    price(row);
    ++(row.priced ? result.priced : result.unpriced);
    if (row.priced) ledger.replace(std::move(row));
  }
  if (!scanned) return scanned.error();
  return result;
}

}  // namespace foreword::cache
