#include "cache/spending.h"

#include <algorithm>

namespace foreword::cache {
namespace {

using config::PicodollarTotal;
using Shares = std::array<PicodollarTotal, config::kTokenClasses>;

/// `cost` in proportion to `weights`; what does not divide goes to the largest.
void share_out(PicodollarTotal cost, Shares weights, Shares& sums) {
  const auto largest =
      static_cast<std::size_t>(std::ranges::max_element(weights) - weights.begin());
  PicodollarTotal whole = 0;
  for (const auto weight : weights) whole += weight;
  // A row's cost has 63 bits: 64 more leave room for no overflow. Counts so absurd may lose a bit.
  int shift = 0;
  while ((whole >> shift) >> 62 != 0) ++shift;
  auto left = cost;
  for (std::size_t i = 0; i < weights.size() && whole > 0; ++i) {
    if (i == largest) continue;
    const auto part = cost * (weights[i] >> shift) / (whole >> shift);
    sums[i] += part;
    left -= part;
  }
  sums[largest] += left;
}

void add(const LedgerRow& row, const config::ModelTable& models, Spending& spending) {
  if (!row.priced) return;
  const auto* model = models.find(row.provider, row.model);
  if (model == nullptr) return;
  const auto rates = config::rates_in_force(*model, row.tokens.prompt(), row.started).rates;
  Shares weights{};
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = PicodollarTotal{rates.per_token[i]} * row.tokens.by_class[i];
  }
  spending.tokens += row.tokens;
  spending.paid += row.cost_actual;
  share_out(row.cost_actual, weights, spending.by_class);
}

}  // namespace

config::Result<Spending> spending(const Store& store, const TimeRange& range,
                                  const config::ModelTable& models, std::uint64_t most_rows) {
  Spending result;
  const auto window = for_latest_rows(store, range, most_rows,
                                      [&](const LedgerRow& row) { add(row, models, result); });
  if (!window) return window.error();
  result.window = *window;
  return result;
}

}  // namespace foreword::cache
