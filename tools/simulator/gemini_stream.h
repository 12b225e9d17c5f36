// A GenerateContentResponse in its three forms: one document, server-sent events, a streamed array.
//
// Pure. promptTokenCount includes cachedContentTokenCount; thoughts are not inside candidates;
// counts of zero are left out, as protobuf JSON does.
#pragma once

#include <string>
#include <vector>

#include "simulator/answer.h"
#include "simulator/http_message.h"

namespace foreword::simulator {

struct GeminiResponse {
  std::string id;
  std::string model;
  std::uint64_t prompt_tokens = 0;
  std::uint64_t cached_tokens = 0;
  std::uint64_t thought_tokens = 0;
  Answer answer;
};

[[nodiscard]] std::string gemini_body(const GeminiResponse& response);
/// `as_sse`: alt=sse, with CRLF line ends; otherwise a JSON array that arrives piece by piece.
[[nodiscard]] std::vector<Event> gemini_events(const GeminiResponse& response, bool as_sse);

}  // namespace foreword::simulator
