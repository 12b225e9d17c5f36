// Which class of tokens the money went to: plain input, cache reads, cache writes, output.
//
// Roll-ups hold tokens by class, and money only as a whole, so this is told from the latest rows.
// Each row's cost is shared out by the prices of its own time; the shares add up to it exactly.
// Money is picodollars. Thread-safe. A ledger that cannot be read is an Error.
#pragma once

#include <array>

#include "cache/row_window.h"
#include "config/models.h"
#include "config/money.h"
#include "config/tokens.h"

namespace foreword::cache {

struct Spending {
  RowWindow window;
  config::TokenCounts tokens;  // of the rows that have a price
  config::PicodollarTotal paid = 0;
  std::array<config::PicodollarTotal, config::kTokenClasses> by_class{};
  [[nodiscard]] config::PicodollarTotal of(config::TokenClass c) const {
    return by_class[static_cast<std::size_t>(c)];
  }
};

[[nodiscard]] config::Result<Spending> spending(const Store& store, const TimeRange& range,
                                                const config::ModelTable& models,
                                                std::uint64_t most_rows = kMaxWindowRows);

}  // namespace foreword::cache
