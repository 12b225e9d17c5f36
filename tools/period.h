// How far back a command looks, as people write it.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace foreword::tools {

/// "30m", "24h", "7d"; nothing: not of that form.
[[nodiscard]] std::optional<std::chrono::seconds> parse_period(std::string_view text);
inline constexpr std::string_view kPeriodForm =
    "--since takes a number and m, h or d: 30m, 24h, 7d";

}  // namespace foreword::tools
