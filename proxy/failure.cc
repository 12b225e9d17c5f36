#include "proxy/failure.h"

#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "config/limits.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;

struct Row {
  FailureCode code;
  std::string_view name;
  unsigned status;
  bool retry_may_help;
  std::string_view anthropic_type;
  std::string_view openai_type;
  std::string_view gemini_status;
};

/// Types and statuses are those the provider itself uses for that HTTP status.
constexpr std::array kRows = {
    Row{FailureCode::bad_request, "bad_request", 400, false, "invalid_request_error",
        "invalid_request_error", "INVALID_ARGUMENT"},
    Row{FailureCode::head_too_large, "head_too_large", 431, false, "invalid_request_error",
        "invalid_request_error", "INVALID_ARGUMENT"},
    Row{FailureCode::body_too_large, "body_too_large", 413, false, "request_too_large",
        "invalid_request_error", "INVALID_ARGUMENT"},
    Row{FailureCode::request_timeout, "request_timeout", 408, true, "timeout_error",
        "invalid_request_error", "DEADLINE_EXCEEDED"},
    Row{FailureCode::unknown_upstream, "unknown_upstream", 404, false, "not_found_error",
        "invalid_request_error", "NOT_FOUND"},
    Row{FailureCode::unknown_kb, "unknown_kb", 404, false, "not_found_error",
        "invalid_request_error", "NOT_FOUND"},
    Row{FailureCode::kb_too_large, "kb_too_large", 400, false, "invalid_request_error",
        "invalid_request_error", "INVALID_ARGUMENT"},
    Row{FailureCode::upstream_unreachable, "upstream_unreachable", 502, true, "api_error",
        "server_error", "UNAVAILABLE"},
    Row{FailureCode::upstream_timeout, "upstream_timeout", 504, true, "timeout_error",
        "server_error", "DEADLINE_EXCEEDED"},
    Row{FailureCode::upstream_closed, "upstream_closed", 502, true, "api_error", "server_error",
        "UNAVAILABLE"},
    Row{FailureCode::upstream_malformed, "upstream_malformed", 502, true, "api_error",
        "server_error", "UNAVAILABLE"},
    Row{FailureCode::total_timeout, "total_timeout", 504, false, "timeout_error", "server_error",
        "DEADLINE_EXCEEDED"},
    Row{FailureCode::overloaded, "overloaded", 503, true, "overloaded_error", "server_error",
        "UNAVAILABLE"},
    Row{FailureCode::internal, "internal", 500, true, "api_error", "server_error", "INTERNAL"},
};

const Row& row_of(FailureCode code) {
  for (const auto& row : kRows) {
    if (row.code == code) return row;
  }
  return kRows.back();
}

std::string_view reason_of(unsigned status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 529:
      return "Overloaded";
    default:
      return "Internal Server Error";
  }
}

/// Anthropic's own status for "overloaded"; its SDK has a class for it.
constexpr unsigned kAnthropicOverloaded = 529;

json::object body_of(const Row& row, const Failure& failure, config::Provider provider,
                     std::string_view request_id) {
  switch (provider) {
    case config::Provider::anthropic:
      return {{"type", "error"},
              {"error", {{"type", row.anthropic_type}, {"message", failure.message}}},
              {"request_id", request_id}};
    case config::Provider::openai:
      return {{"error",
               {{"message", failure.message},
                {"type", row.openai_type},
                {"param", nullptr},
                {"code", row.name}}}};
    case config::Provider::gemini:
      break;
  }
  return {{"error",
           {{"code", row.status}, {"message", failure.message}, {"status", row.gemini_status}}}};
}

}  // namespace

std::string_view name_of(FailureCode code) {
  return row_of(code).name;
}
unsigned status_of(FailureCode code, config::Provider provider) {
  const bool own = code == FailureCode::overloaded && provider == config::Provider::anthropic;
  return own ? kAnthropicOverloaded : row_of(code).status;
}
bool retry_may_help(FailureCode code) {
  return row_of(code).retry_may_help;
}

std::string render_failure(const Failure& failure, const FailureResponse& response) {
  const Row& row = row_of(failure.code);
  const auto status = status_of(failure.code, response.provider);
  const auto body = json::serialize(body_of(row, failure, response.provider, response.request_id));
  auto out = fmt::format(
      "HTTP/1.1 {} {}\r\n"
      "Content-Type: application/json\r\n"
      "Content-Length: {}\r\n"
      "X-Foreword-Request: {}\r\n"
      "X-Foreword-Error: {}\r\n",
      status, reason_of(status), body.size(), response.request_id, row.name);
  if (!row.retry_may_help) out += "x-should-retry: false\r\n";
  if (failure.code == FailureCode::overloaded) {
    out += fmt::format("Retry-After: {}\r\n", config::limits::kRetryAfter.count());
  }
  out += response.keep_alive_seconds == 0
             ? "Connection: close\r\n"
             : fmt::format("Connection: keep-alive\r\nKeep-Alive: timeout={}\r\n",
                           response.keep_alive_seconds);
  out += "\r\n";
  if (response.with_body) out += body;
  return out;
}

}  // namespace foreword::proxy
