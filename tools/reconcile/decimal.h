// Decimal text as picodollars, digit by digit.
//
// Pure function, thread-safe. Providers' reports are sums: they may be negative (a credit) and have
// more digits than a picodollar, unlike the prices that exact_price.h reads.
#pragma once

#include <optional>
#include <string_view>

#include "config/money.h"

namespace foreword::tools {

/// "0.06", "-1.5e-3", "123.45", in dollars divided by 10 to the `down` (2: cents). What is less
/// than a picodollar is rounded to the nearest. Nothing: no number, or more than a trillion
/// dollars.
[[nodiscard]] std::optional<config::PicodollarTotal> decimal_picodollars(std::string_view text,
                                                                         int down = 0);

}  // namespace foreword::tools
