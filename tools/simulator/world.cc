#include "simulator/world.h"

#include <fmt/format.h>
#include <strings.h>

namespace foreword::simulator {
namespace {

using config::Provider;

std::string_view bearer(const Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view value = request.header("authorization");
  if (value.size() < kScheme.size() ||
      strncasecmp(value.data(), kScheme.data(), kScheme.size()) != 0) {
    return {};
  }
  return value.substr(kScheme.size());
}

std::string_view first_of(std::string_view one, std::string_view other) {
  return one.empty() ? other : one;
}

ApiError no_key(Provider provider) {
  switch (provider) {
    case Provider::anthropic:
      return {401, "x-api-key header is required"};
    case Provider::openai:
      return {401,
              "You didn't provide an API key. You need to provide your API key in an Authorization "
              "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."};
    default:
      return {401,
              "Method doesn't allow unregistered callers (callers without established identity). "
              "Please use API Key or other form of API consumer identity to call this API."};
  }
}

ApiError wrong_key(Provider provider) {
  if (provider == Provider::gemini) {
    return {401, "API key not valid. Please pass a valid API key."};
  }
  return failure_of(provider, 401);
}

}  // namespace

std::string_view api_key(const Request& request, Provider provider) {
  switch (provider) {
    case Provider::anthropic:
      return first_of(request.header("x-api-key"), bearer(request));
    case Provider::openai:
      return bearer(request);
    default:
      return first_of(first_of(request.header("x-goog-api-key"), request.query("key")),
                      bearer(request));
  }
}

Parsed<config::Hash128> authenticate(const Request& request, Provider provider) {
  const std::string_view key = api_key(request, provider);
  if (key.empty()) return no_key(provider);
  if (key == "invalid") return wrong_key(provider);
  return config::xxh3_128(key);
}

Parsed<const config::Model*> find_model(Provider provider, std::string_view name) {
  if (const auto* model = config::ModelTable::built_in().find(provider, name)) return model;
  switch (provider) {
    case Provider::anthropic:
      return ApiError{404, fmt::format("model: {}", name)};
    case Provider::openai:
      return ApiError{
          404, fmt::format("The model `{}` does not exist or you do not have access to it.", name),
          "model", "model_not_found"};
    default:
      return ApiError{
          404, fmt::format("models/{} is not found for API version v1beta, or is not supported "
                           "for generateContent. Call ListModels to see the list of available "
                           "models and their supported methods.",
                           name)};
  }
}

Reply refuse(Provider provider, const ApiError& error, std::string_view request_id) {
  Reply reply;
  reply.status = error.status;
  reply.body = error_body(provider, error, request_id);
  return reply;
}

}  // namespace foreword::simulator
