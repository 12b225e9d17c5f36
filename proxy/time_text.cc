#include "proxy/time_text.h"

#include <charconv>
#include <chrono>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace foreword::proxy {

std::string to_rfc3339(config::TimePoint at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  const auto rest = std::chrono::floor<std::chrono::milliseconds>(at - seconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), rest.count());
}

std::optional<config::TimePoint> parse_rfc3339(std::string_view text) {
  const std::string whole(text);
  std::tm parts{};
  const bool day_only = text.size() == 10;
  const char* end = ::strptime(whole.c_str(), day_only ? "%Y-%m-%d" : "%Y-%m-%dT%H:%M:%S", &parts);
  if (end == nullptr) return std::nullopt;
  config::TimePoint at = std::chrono::system_clock::from_time_t(::timegm(&parts));
  if (day_only) return *end == '\0' ? std::optional(at) : std::nullopt;
  if (*end == '.') {
    const char* last = whole.c_str() + whole.size();
    double fraction = 0;
    const auto [stop, error] = std::from_chars(end, last, fraction);
    if (error != std::errc()) return std::nullopt;
    at += std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::duration<double>(fraction));
    end = stop;
  }
  if (std::string_view(end) != "Z") return std::nullopt;
  return at;
}

}  // namespace foreword::proxy
