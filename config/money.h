// Money is integer picodollars (1e-12 USD): a price per million tokens is then a whole number per
// token.
#pragma once

#include <cstdint>
#include <string>

namespace foreword::config {

/// One request's money. At $50 per million tokens an int64 holds 184 billion tokens' worth.
using Picodollars = std::int64_t;

/// Totals over many requests.
__extension__ using PicodollarTotal = __int128;

inline constexpr Picodollars kPicodollarsPerDollar = 1'000'000'000'000;

/// Exact decimal USD without a currency sign and without trailing zeros: 1'250'000 -> "0.00000125",
/// 0 -> "0", 400 dollars -> "400".
[[nodiscard]] std::string to_usd(PicodollarTotal amount);

}  // namespace foreword::config
