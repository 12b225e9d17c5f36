// The small conversions that every stored record shares. Private to cache/.
//
// Pure functions, thread-safe. Stored times are microseconds since 1970.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string_view>

#include "config/models.h"

namespace foreword::cache {

/// What a TimePoint can hold on every machine: it counts nanoseconds in 63 bits.
inline constexpr std::int64_t kMaxMicroseconds = std::numeric_limits<std::int64_t>::max() / 1000;

[[nodiscard]] inline std::int64_t to_stored_time(config::TimePoint at) {
  const auto since_1970 = std::chrono::floor<std::chrono::microseconds>(at).time_since_epoch();
  return std::clamp<std::int64_t>(since_1970.count(), 0, kMaxMicroseconds);
}

[[nodiscard]] inline bool is_stored_time(std::int64_t microseconds) {
  return microseconds >= 0 && microseconds <= kMaxMicroseconds;
}

/// REQUIRES: is_stored_time(microseconds).
[[nodiscard]] inline config::TimePoint from_stored_time(std::int64_t microseconds) {
  return config::TimePoint(std::chrono::microseconds(microseconds));
}

/// False: `value` is no serialised Record. Protobuf counts bytes in an int.
template <class Record>
[[nodiscard]] bool parse(std::string_view value, Record& record) {
  return value.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()) &&
         record.ParseFromArray(value.data(), static_cast<int>(value.size()));
}

}  // namespace foreword::cache
