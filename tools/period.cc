#include "tools/period.h"

#include <charconv>
#include <cstdint>
#include <system_error>

namespace foreword::tools {

std::optional<std::chrono::seconds> parse_period(std::string_view text) {
  std::int64_t number = 0;
  const auto* last = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), last, number);
  constexpr std::int64_t kMost = 100'000;
  if (error != std::errc() || number <= 0 || number > kMost || last - stop != 1)
    return std::nullopt;
  switch (*stop) {
    case 'm':
      return std::chrono::minutes(number);
    case 'h':
      return std::chrono::hours(number);
    case 'd':
      return std::chrono::hours(24 * number);
    default:
      return std::nullopt;
  }
}

}  // namespace foreword::tools
