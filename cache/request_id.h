// The name of a request: sorts by time, and is the key of its ledger row.
//
// Plain values and pure functions, thread-safe. Whoever makes ids brings the clock and the
// randomness.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/models.h"

namespace foreword::cache {

/// 48 bits of milliseconds since 1970, then 80 random bits: 16 bytes that sort by time. As text, 32
/// lower-case hexadecimal digits.
struct RequestId {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const RequestId&) const = default;
};

/// `random_high` gives 16 of the 80 random bits, `random_low` the other 64.
[[nodiscard]] RequestId make_request_id(config::TimePoint at, std::uint16_t random_high,
                                        std::uint64_t random_low);
/// The smallest id of that millisecond: for ranges.
[[nodiscard]] RequestId first_id_at(config::TimePoint at);

/// The time inside, since 1970.
[[nodiscard]] std::uint64_t milliseconds_of(const RequestId& id);

[[nodiscard]] std::string to_text(const RequestId& id);
[[nodiscard]] std::optional<RequestId> parse_request_id(std::string_view text);

}  // namespace foreword::cache
