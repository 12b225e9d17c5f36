// The admin API's questions and answers, apart from HTTP.
//
// Plain values and pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "config/result.h"

namespace foreword::proxy {

/// Views into the request, for the time of one call; the body can be large, and is let go early.
struct AdminRequest {
  std::string_view method;
  std::string_view target;
  std::string_view host;
  std::string_view origin;
  std::string_view authorization;
  std::string_view if_none_match;
  std::string body;
};

struct AdminResponse {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  /// Quoted; what has one may be kept, and is asked for again each time. Empty: not to be kept.
  std::string entity_tag = {};
};

/// Decoded; nothing if the query does not have it.
[[nodiscard]] std::optional<std::string> query_parameter(std::string_view query,
                                                         std::string_view name);

/// Decoded, in their order; empty where the query is none.
[[nodiscard]] std::vector<std::string> query_names(std::string_view query);

[[nodiscard]] AdminResponse json_response(unsigned status, const boost::json::value& body);
/// {"error": {"message": ...}}
[[nodiscard]] AdminResponse error_response(unsigned status, std::string_view message);
/// 500: the question was right, and the store could not answer it.
[[nodiscard]] AdminResponse failed_response(const config::Error& failure);

}  // namespace foreword::proxy
