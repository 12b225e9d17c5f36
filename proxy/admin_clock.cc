#include "proxy/admin_clock.h"

#include <chrono>
#include <optional>

#include <boost/json.hpp>

#include "proxy/net.h"
#include "proxy/time_text.h"
#include "proxy/virtual_clock.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;
using std::chrono::microseconds;

/// Nothing if that is no whole number from 0 to a year's.
std::optional<microseconds> read_advance(std::string_view body) {
  constexpr microseconds kMost = std::chrono::days(366);
  error_code failure;
  const auto parsed = json::parse(json::string_view(body.data(), body.size()), failure);
  if (failure || !parsed.is_object()) return std::nullopt;
  const auto* value = parsed.as_object().if_contains("advance_us");
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  const microseconds by(value->as_int64());
  if (by < microseconds(0) || by > kMost) return std::nullopt;
  return by;
}

std::int64_t elapsed_us(config::TimePoint time) {
  return std::chrono::duration_cast<microseconds>(time - VirtualClock::kStart).count();
}

json::object shown(const VirtualClock& clock) {
  const auto now = clock.now();
  const auto waiting = clock.waiting();
  json::value next = nullptr;
  if (waiting.next) next = elapsed_us(*waiting.next);
  return {{"now", to_rfc3339(now)},
          {"elapsed_us", elapsed_us(now)},
          {"waiting", waiting.count},
          {"waiting_until_us", next}};
}

}  // namespace

AdminResponse clock_page(const Services& services, std::string_view method, std::string_view body) {
  auto* const clock = services.virtual_clock;
  if (clock == nullptr) {
    return error_response(409,
                          "time passes by itself: only `foreword serve --virtual-time` has a "
                          "clock to move");
  }
  if (method == "POST") {
    const auto by = read_advance(body);
    if (!by) return error_response(400, "advance_us is a whole number of microseconds");
    clock->advance(*by);
  } else if (method != "GET" && method != "HEAD") {
    return error_response(405, "this path takes GET and POST");
  }
  return json_response(200, shown(*clock));
}

}  // namespace foreword::proxy
