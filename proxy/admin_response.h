// The admin API's questions and answers, apart from HTTP.
//
// Plain values and pure functions.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "config/result.h"

namespace foreword::proxy {

/// Views into the request, for the time of one call.
struct AdminRequest {
  std::string_view method;
  std::string_view target;
  std::string_view host;
  std::string_view origin;
  std::string_view authorization;
  std::string_view body;
};

struct AdminResponse {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
};

[[nodiscard]] AdminResponse json_response(unsigned status, const boost::json::value& body);
/// {"error": {"message": ...}}
[[nodiscard]] AdminResponse error_response(unsigned status, std::string_view message);
/// 500: the question was right, and the store could not answer it.
[[nodiscard]] AdminResponse failed_response(const config::Error& failure);

}  // namespace foreword::proxy
