// A response of the Responses API in its two forms: one JSON document, or numbered events. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulator/answer.h"
#include "simulator/http_message.h"
#include "simulator/json.h"
#include "simulator/openai_cache.h"

namespace foreword::simulator {

struct ModelResponse {
  std::string id;
  std::string message_id;
  std::string model;
  std::int64_t created_seconds = 0;  // since 1970
  json::object echoed;               // what the API repeats of the request
  OpenAiUsage usage;
  bool prewarm = false;  // no output
  Answer answer;
  std::uint64_t reasoning_tokens = 0;

  [[nodiscard]] std::uint64_t output_tokens() const { return reasoning_tokens + answer.tokens(); }
};

/// What a response repeats of its request, with the API's defaults; `new_regime` from gpt-5.6 on.
[[nodiscard]] json::object echo_request(const json::value& body, bool new_regime);

[[nodiscard]] std::string response_body(const ModelResponse& response);
[[nodiscard]] std::vector<Event> response_events(const ModelResponse& response);
/// The message that a later request with previous_response_id continues from.
[[nodiscard]] json::object output_message(const ModelResponse& response, std::string_view status);

}  // namespace foreword::simulator
