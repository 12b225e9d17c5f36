#include "proxy/admin_query.h"

#include <charconv>
#include <string>
#include <system_error>

#include "proxy/admin_response.h"
#include "proxy/time_text.h"

namespace foreword::proxy {
namespace {

/// false: the parameter is there and is no time.
bool read_time(std::string_view query, std::string_view name,
               std::optional<config::TimePoint>& at) {
  const auto text = query_parameter(query, name);
  if (!text) return true;
  at = parse_rfc3339(*text);
  return at.has_value();
}

}  // namespace

bool read_range(std::string_view query, cache::TimeRange& range) {
  return read_time(query, "from", range.from) && read_time(query, "to", range.to);
}

std::optional<std::size_t> read_limit(std::string_view query, std::size_t otherwise,
                                      std::size_t most) {
  const auto text = query_parameter(query, "limit");
  if (!text) return otherwise;
  std::size_t limit = 0;
  const auto* end = text->data() + text->size();
  const auto [stop, failure] = std::from_chars(text->data(), end, limit);
  if (failure != std::errc() || stop != end || limit == 0 || limit > most) return std::nullopt;
  return limit;
}

}  // namespace foreword::proxy
