// JSON numbers as exact whole numbers: digit by digit, never through a double, which makes of
// "3e-06" something that is not 0.000003.
//
// Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "config/money.h"
#include "config/result.h"

namespace foreword::tools {

/// A JSON value as picodollars: "3e-06" USD is 3'000'000. What a float leaves behind the
/// last digit that counts ("3.0000000000000004e-07") is rounded. The Error says why it is no price:
/// text, not finite, negative, too dear, a fraction of a picodollar.
struct ExactPrice {
  config::Picodollars picodollars = 0;
  bool rounded = false;
};
[[nodiscard]] config::Result<ExactPrice> exact_price(std::string_view json_value);

/// "1.1" is {11, 10}. Nothing: no positive number, or too fine for a config::PriceModifier.
[[nodiscard]] std::optional<std::pair<std::int64_t, std::int64_t>> exact_factor(
    std::string_view json_value);
/// numerator / denominator in lowest terms; nothing as above.
[[nodiscard]] std::optional<std::pair<std::int64_t, std::int64_t>> exact_ratio(
    std::int64_t numerator, std::int64_t denominator);

/// "2000000.0" is 2000000. Nothing: no whole number from 1 to 999'999'999.
[[nodiscard]] std::optional<std::uint64_t> exact_count(std::string_view json_value);

/// Is it a number, and 0?
[[nodiscard]] bool is_zero(std::string_view json_value);

}  // namespace foreword::tools
