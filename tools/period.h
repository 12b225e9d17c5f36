// How far back a command looks, as people write it.
//
// Pure functions, thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "cache/ledger.h"
#include "config/result.h"

namespace foreword::tools {

/// "30m", "24h", "7d"; nothing: not of that form.
[[nodiscard]] std::optional<std::chrono::seconds> parse_period(std::string_view text);
inline constexpr std::string_view kPeriodForm =
    "--since takes a number and m, h or d: 30m, 24h, 7d";

/// The options --since, --from and --to; each may be empty.
struct PeriodQuestion {
  std::string since;
  std::string from;
  std::string to;
};

/// Until `now` where no end is given, so that what reads for long comes to an end. The Error is for
/// who typed it.
[[nodiscard]] config::Result<cache::TimeRange> read_period(const PeriodQuestion& question,
                                                           config::TimePoint now);

}  // namespace foreword::tools
