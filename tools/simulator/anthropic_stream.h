// A message of the Messages API in its two forms: one JSON document, or the events of a stream.
//
// Pure. Usage as the API reports it: input fields exclude what was cached; message_start carries
// them all with the breakdown by TTL, message_delta repeats the totals (cumulative, without the
// breakdown).
#pragma once

#include <string>
#include <vector>

#include "simulator/answer.h"
#include "simulator/anthropic_cache.h"
#include "simulator/http_message.h"
#include "simulator/json.h"

namespace foreword::simulator {

struct AnthropicMessage {
  std::string id;
  std::string model;
  AnthropicUsage usage;
  Answer answer;
  std::uint64_t thinking_tokens = 0;  // 0: no thinking block
  json::value diagnostics;
  std::string speed;          // "" or what the request asked for
  std::string inference_geo;  // likewise

  [[nodiscard]] std::uint64_t output_tokens() const { return thinking_tokens + answer.tokens(); }
};

[[nodiscard]] std::string message_body(const AnthropicMessage& message);
[[nodiscard]] std::vector<Event> message_events(const AnthropicMessage& message);

}  // namespace foreword::simulator
