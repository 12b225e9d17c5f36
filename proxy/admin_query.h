// What the questions of the admin API have in common: parameters that several of them take.
//
// Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "cache/ledger.h"

namespace foreword::proxy {

/// "from" and "to". False: one of them is there and is no time.
[[nodiscard]] bool read_range(std::string_view query, cache::TimeRange& range);
inline constexpr std::string_view kRangeForm =
    "from and to are RFC 3339 times in UTC, such as 2026-11-23T00:00:00Z";

/// "limit", or `otherwise` where it is not there. Nothing: it is no number from 1 to `most`.
[[nodiscard]] std::optional<std::size_t> read_limit(std::string_view query, std::size_t otherwise,
                                                    std::size_t most);

}  // namespace foreword::proxy
