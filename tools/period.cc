#include "tools/period.h"

#include <charconv>
#include <cstdint>
#include <system_error>

#include "proxy/time_text.h"

namespace foreword::tools {
namespace {

constexpr std::string_view kTimeForm =
    "--from and --to take days, 2026-11-23, or times in UTC, 2026-11-23T12:00:00Z";

}  // namespace

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

config::Result<cache::TimeRange> read_period(const PeriodQuestion& question,
                                             config::TimePoint now) {
  cache::TimeRange range;
  range.to = now;
  if (!question.since.empty()) {
    if (!question.from.empty() || !question.to.empty()) {
      return config::Error{"--since goes up to now: leave it out where --from or --to is given"};
    }
    const auto period = parse_period(question.since);
    if (!period) return config::Error{std::string(kPeriodForm)};
    range.from = now - *period;
    return range;
  }
  if (!question.from.empty()) {
    range.from = proxy::parse_rfc3339(question.from);
    if (!range.from) return config::Error{std::string(kTimeForm)};
  }
  if (!question.to.empty()) {
    range.to = proxy::parse_rfc3339(question.to);
    if (!range.to) return config::Error{std::string(kTimeForm)};
  }
  if (range.from && *range.from > *range.to) {
    return config::Error{"--from is later than the end of the period"};
  }
  return range;
}

}  // namespace foreword::tools
