#include "proxy/admin_response.h"

#include <boost/json.hpp>
#include <boost/url.hpp>

namespace foreword::proxy {

std::optional<std::string> query_parameter(std::string_view query, std::string_view name) {
  // Boost 1.81's parse_query reads on to a NUL behind the view that it is given.
  const std::string terminated(query);
  const auto parsed = boost::urls::parse_query(terminated);
  if (!parsed) return std::nullopt;
  for (const auto& param : *parsed) {
    const auto key = param.key.decode();
    if (key == name) return std::string(param.value.decode());
  }
  return std::nullopt;
}

std::vector<std::string> query_names(std::string_view query) {
  const std::string terminated(query);
  const auto parsed = boost::urls::parse_query(terminated);
  std::vector<std::string> names;
  if (!parsed) return names;
  for (const auto& param : *parsed) names.emplace_back(param.key.decode());
  return names;
}

AdminResponse json_response(unsigned status, const boost::json::value& body) {
  AdminResponse response;
  response.status = status;
  response.body = boost::json::serialize(body) + "\n";
  return response;
}

AdminResponse error_response(unsigned status, std::string_view message) {
  const boost::json::value body{{"error", {{"message", message}}}};
  return json_response(status, body);
}

AdminResponse failed_response(const config::Error& failure) {
  return error_response(500, failure.message);
}

}  // namespace foreword::proxy
