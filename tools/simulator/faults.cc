#include "simulator/faults.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace foreword::simulator {
namespace {

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// For values that go into a header: a token, so that nothing else gets in.
bool is_token(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

bool set_text(std::string_view name, std::string_view value, Faults& faults) {
  std::string* field = name == "retry-after"      ? &faults.retry_after
                       : name == "retry-after-ms" ? &faults.retry_after_ms
                       : name == "should-retry"   ? &faults.should_retry
                       : name == "refuse"         ? &faults.refuse
                                                  : nullptr;
  if (field == nullptr || !is_token(value)) return false;
  *field = value;
  return true;
}

bool set_delay(std::string_view name, std::size_t value, Faults& faults) {
  constexpr std::size_t kMostMilliseconds = 24u * 3600 * 1000;
  const std::chrono::milliseconds delay(std::min(value, kMostMilliseconds));
  if (name == "first-byte-delay-ms")
    faults.first_byte_delay = delay;
  else if (name == "event-delay-ms")
    faults.event_delay = delay;
  else
    return false;
  return true;
}

bool set_number(std::string_view name, std::size_t value, Faults& faults) {
  if (name == "status") {
    faults.status = static_cast<unsigned>(std::min<std::size_t>(value, 1000));
    return value >= 400 && value <= 599;
  }
  std::optional<std::size_t>* field = name == "cut-after-events"    ? &faults.cut_after_events
                                      : name == "cut-after-bytes"   ? &faults.cut_after_bytes
                                      : name == "error-event-after" ? &faults.error_event_after
                                      : name == "stall"             ? &faults.stall_after_events
                                      : name == "times"             ? &faults.times
                                                                    : nullptr;
  if (field == nullptr) return set_delay(name, value, faults);
  *field = value;
  return true;
}

bool set_flag(std::string_view name, std::string_view value, Faults& faults) {
  if (name == "garbage" && value.empty())
    faults.garbage = true;
  else if (name == "gzip" && value.empty())
    faults.gzip = Gzip::if_accepted;
  else if (name == "gzip" && value == "always")
    faults.gzip = Gzip::always;
  else if (name == "stall" && value.empty())
    faults.stall_after_events = 1;
  else
    return false;
  return true;
}

}  // namespace

config::Result<Faults> parse_faults(std::string_view spec, const Faults& base) {
  Faults faults = base;
  while (!spec.empty()) {
    const std::string_view item = spec.substr(0, spec.find(';'));
    spec.remove_prefix(std::min(spec.size(), item.size() + 1));
    const std::string_view pair = trimmed(item);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const std::string_view name = pair.substr(0, equals);
    const std::string_view value =
        equals == pair.npos ? std::string_view() : pair.substr(equals + 1);
    const auto as_number = number(value);
    const bool is_known = set_flag(name, value, faults) || set_text(name, value, faults) ||
                          (as_number && set_number(name, *as_number, faults));
    if (!is_known) {
      return config::Error{fmt::format(
          "x-simulate: cannot use '{}'; the names and values are in simulator/faults.h", pair)};
    }
  }
  return faults;
}

}  // namespace foreword::simulator
