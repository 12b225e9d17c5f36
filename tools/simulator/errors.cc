#include "simulator/errors.h"

#include "simulator/json.h"
#include "simulator/sse_writer.h"

namespace foreword::simulator {
namespace {

std::string_view anthropic_type(unsigned status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 402:
      return "billing_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 409:
      return "conflict_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 504:
      return "timeout_error";
    case 529:
      return "overloaded_error";
    default:
      return status < 500 ? "invalid_request_error" : "api_error";
  }
}

std::string_view openai_type(unsigned status) {
  if (status == 429) return "rate_limit_exceeded";
  return status < 500 ? "invalid_request_error" : "server_error";
}

std::string_view gemini_status(unsigned status) {
  switch (status) {
    case 400:
      return "INVALID_ARGUMENT";
    case 401:
      return "UNAUTHENTICATED";
    case 403:
      return "PERMISSION_DENIED";
    case 404:
      return "NOT_FOUND";
    case 409:
      return "ABORTED";
    case 429:
      return "RESOURCE_EXHAUSTED";
    case 499:
      return "CANCELLED";
    case 503:
      return "UNAVAILABLE";
    case 504:
      return "DEADLINE_EXCEEDED";
    default:
      return status < 500 ? "FAILED_PRECONDITION" : "INTERNAL";
  }
}

json::value or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::object anthropic_error(const ApiError& error) {
  return {{"type", anthropic_type(error.status)}, {"message", error.message}};
}

json::object openai_error(const ApiError& error) {
  return {{"message", error.message},
          {"type", openai_type(error.status)},
          {"param", or_null(error.param)},
          {"code", or_null(error.code)}};
}

json::object gemini_error(const ApiError& error) {
  json::object body = {
      {"code", error.status}, {"message", error.message}, {"status", gemini_status(error.status)}};
  if (error.status == 429) {
    json::array details;
    details.push_back(
        json::object{{"@type", "type.googleapis.com/google.rpc.RetryInfo"}, {"retryDelay", "1s"}});
    body["details"] = std::move(details);
  }
  return body;
}

}  // namespace

config::Provider provider_of(Dialect dialect) {
  switch (dialect) {
    case Dialect::anthropic:
      return config::Provider::anthropic;
    case Dialect::gemini:
      return config::Provider::gemini;
    default:
      return config::Provider::openai;
  }
}

std::string error_body(config::Provider provider, const ApiError& error,
                       std::string_view request_id) {
  switch (provider) {
    case config::Provider::anthropic:
      return json::serialize(json::object{
          {"type", "error"}, {"error", anthropic_error(error)}, {"request_id", request_id}});
    case config::Provider::openai:
      return json::serialize(json::object{{"error", openai_error(error)}});
    default:
      return json::serialize(json::object{{"error", gemini_error(error)}});
  }
}

std::string error_event(Dialect dialect, const ApiError& error) {
  switch (dialect) {
    case Dialect::anthropic:
      return sse_event("error", json::object{{"type", "error"}, {"error", anthropic_error(error)}});
    case Dialect::openai_chat:
      return sse_data(json::object{{"error", openai_error(error)}});
    case Dialect::openai_responses:
      return sse_event("error", json::object{{"type", "error"},
                                             {"code", or_null(error.code)},
                                             {"message", error.message},
                                             {"param", or_null(error.param)},
                                             {"sequence_number", 0}});
    default:
      return sse_data_crlf(json::object{{"error", gemini_error(error)}});
  }
}

ApiError unknown_member(config::Provider provider, std::string_view name) {
  switch (provider) {
    case config::Provider::anthropic:
      return {400, fmt::format("{}: Extra inputs are not permitted", name)};
    case config::Provider::openai:
      return {400, fmt::format("Unknown parameter: '{}'.", name), std::string(name),
              "unknown_parameter"};
    default:
      return {400, fmt::format("Invalid JSON payload received. Unknown name \"{}\": Cannot find "
                               "field.",
                               name)};
  }
}

ApiError failure_of(config::Provider provider, unsigned status) {
  const bool is_anthropic = provider == config::Provider::anthropic;
  switch (status) {
    case 401:
      return {401, is_anthropic ? "invalid x-api-key" : "Incorrect API key provided.", "",
              "invalid_api_key"};
    case 403:
      return {403, "The key has no permission to use this resource."};
    case 413:
      return {413, "Request exceeds the maximum size"};
    case 429:
      return {429, "This request would exceed the rate limit. Please try again later.", "",
              "rate_limit_exceeded"};
    case 503:
      return {503, "The model is overloaded. Please try again later."};
    case 529:
      return {529, "Overloaded"};
    default:
      break;
  }
  if (status >= 500) return {status, "Internal server error"};
  return {status, "The request was refused."};
}

}  // namespace foreword::simulator
