#include "proxy/admin_response.h"

#include <boost/json.hpp>

namespace foreword::proxy {

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
