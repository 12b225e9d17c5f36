// Prices and days as people write them: USD per million tokens, YYYY-MM-DD in UTC.
//
// Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/models.h"
#include "config/money.h"

namespace foreword::config {

/// "2026-12-01" as midnight UTC.
[[nodiscard]] std::optional<TimePoint> parse_date(std::string_view text);
/// And back: of the day in UTC.
[[nodiscard]] std::string date_text(TimePoint at);

/// USD per million tokens, "12.5", as picodollars per token, 12'500'000. Exact or nothing.
[[nodiscard]] std::optional<Picodollars> parse_price(std::string_view text);
/// And back.
[[nodiscard]] std::string price_text(Picodollars per_token);

/// A cap of spending, "0.50": at most a million dollars.
[[nodiscard]] std::optional<Picodollars> parse_usd_per_day(std::string_view text);

}  // namespace foreword::config
